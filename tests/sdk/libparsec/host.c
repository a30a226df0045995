/* The host's side of the stand-in: in game mode, one guest at most. */
#include "stand_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ParsecHostConfig DEFAULTS = {
    .video = {{.encoderMaxBitrate = 10, .output = "none"},
              {.encoderMaxBitrate = 10, .output = "none"}},
    .gamepadType = GAMEPAD_TYPE_X360,
    .adminMute = 1,
    .maxGuests = 20,
};

static void record_config(const char *what, const ParsecHostConfig *cfg, const char *session_id)
{
    char video[NUM_VSTREAMS * 512] = "";
    for (int i = 0, at = 0; i < NUM_VSTREAMS; i++) {
        const ParsecHostVideoConfig *v = &cfg->video[i];
        at += sprintf(video + at,
                      " video%d.resolutionX=%d video%d.resolutionY=%d video%d.encoderFPS=%d"
                      " video%d.encoderMaxBitrate=%d video%d.output=%s video%d.fullFPS=%d",
                      i, v->resolutionX, i, v->resolutionY, i, v->encoderFPS, i,
                      v->encoderMaxBitrate, i, quoted(v->output), i, v->fullFPS);
    }
    record("%s session=%s gamepadType=%d adminMute=%d exclusiveInput=%d maxGuests=%d name=%s"
           " desc=%s gameID=%s secret=%s publicGame=%d%s",
           what, fingerprint(session_id), cfg->gamepadType, cfg->adminMute, cfg->exclusiveInput,
           cfg->maxGuests, quoted(cfg->name), quoted(cfg->desc), quoted(cfg->gameID),
           fingerprint(cfg->secret), cfg->publicGame, video);
}

static void add_event(Parsec *ps, ParsecHostEvent event)
{
    ps->host_events[ps->host_events_in++ % EVENTS] = event;
    pthread_cond_broadcast(&ps->changed);
}

static void change_guest(Parsec *ps, ParsecGuestState state, ParsecStatus status)
{
    ps->guest.state = state;
    add_event(ps, (ParsecHostEvent){
        .type = HOST_EVENT_GUEST_STATE_CHANGE,
        .guestStateChange = {.guest = ps->guest, .status = status},
    });
}

static void add_input(Parsec *ps, ParsecMessage message)
{
    ps->inputs[ps->inputs_in++ % EVENTS] = message;
}

/* A guest joins, presses and releases a key, moves the mouse and sends a text. */
static void let_join(Parsec *ps)
{
    const char *text = "hello \xe2\x98\x83";
    ps->guest = (ParsecGuest){
        .perms = {.gamepad = true, .keyboard = true, .mouse = true},
        .id = 1,
        .userID = 1525260,
        .name = "Zo\xc3\xab",
    };
    change_guest(ps, GUEST_CONNECTING, PARSEC_OK);
    change_guest(ps, GUEST_CONNECTED, PARSEC_OK);
    add_event(ps, (ParsecHostEvent){
        .type = HOST_EVENT_USER_DATA,
        .userData = {.guest = ps->guest, .id = 7,
                     .key = add_buffer(ps, text, strlen(text) + 1)},
    });
    for (int pressed = 1; pressed >= 0; pressed--)
        add_input(ps, (ParsecMessage){
            .type = MESSAGE_KEYBOARD,
            .keyboard = {.code = KEY_A, .mod = MOD_LSHIFT, .pressed = pressed},
        });
    add_input(ps, (ParsecMessage){
        .type = MESSAGE_MOUSE_MOTION,
        .mouseMotion = {.x = 12, .y = -34, .relative = true},
    });
}

static void *run_host(void *argument)
{
    Parsec *ps = argument;
    sleep_ms(5);
    need_openssl(&ps->settings, "crypto");
    need_openssl(&ps->settings, "ssl");
    pthread_mutex_lock(&ps->lock);
    unsigned run = ps->host_run;
    int64_t end = now_ns() + ps->settings.connect * 1000000LL;
    while (ps->hosting && ps->host_run == run && wait_until(ps, end))
        ;
    bool running = ps->hosting && ps->host_run == run;
    if (running && ps->settings.guest)
        let_join(ps);
    if (running && ps->settings.invalid) {
        ps->invalid = true;
        add_event(ps, (ParsecHostEvent){.type = HOST_EVENT_INVALID_SESSION_ID});
    }
    pthread_mutex_unlock(&ps->lock);
    if (running && ps->settings.status < 0) {
        char line[64];
        sprintf(line, "* signal_thread[232] = %d", ps->settings.status);
        emit_log(LOG_INFO, line);
    }
    leave(ps);
    return NULL;
}

ParsecStatus ParsecHostStart(Parsec *ps, int32_t mode, ParsecHostConfig *cfg,
    const char *sessionID)
{
    enter();
    char what[32];
    sprintf(what, "hostStart mode=%d", mode);
    record_config(what, cfg ? cfg : &DEFAULTS, sessionID);
    if (mode != HOST_GAME)
        return PARSEC_NOT_IMPLEMENTED;
    pthread_mutex_lock(&ps->lock);
    bool running = ps->hosting;
    if (!running) {
        ps->host_config = cfg ? *cfg : DEFAULTS;
        if (!ps->host_config.name[0])
            strcpy(ps->host_config.name, "stand-in");
        ps->hosting = true;
        ps->host_run++;
        start_own_thread(ps, run_host, ps);
    }
    pthread_mutex_unlock(&ps->lock);
    if (running)
        return PARSEC_ALREADY_RUNNING;
    start_log(&ps->settings, sessionID, cfg ? cfg->secret : NULL);
    return PARSEC_OK;
}

void ParsecHostStop(Parsec *ps)
{
    enter();
    record("hostStop unfreed=%d", allocated());
    pthread_mutex_lock(&ps->lock);
    bool running = ps->hosting;
    ps->hosting = false;
    ps->stopped |= running;
    ps->guest = (ParsecGuest){0};
    ps->host_events_in = ps->host_events_out = ps->inputs_in = ps->inputs_out = 0;
    pthread_cond_broadcast(&ps->changed);
    pthread_mutex_unlock(&ps->lock);
    sleep_ms(running ? 90 : 0);
}

void ParsecHostGetStatus(Parsec *ps, ParsecHostStatus *status)
{
    enter();
    pthread_mutex_lock(&ps->lock);
    *status = (ParsecHostStatus){
        .cfg = ps->host_config,
        .numGuests = ps->guest.state == GUEST_CONNECTED,
        .running = ps->hosting,
        .invalidSessionID = ps->invalid || (!ps->hosting && ps->stopped),
    };
    pthread_mutex_unlock(&ps->lock);
}

static bool is_hosting(Parsec *ps)
{
    pthread_mutex_lock(&ps->lock);
    bool hosting = ps->hosting;
    pthread_mutex_unlock(&ps->lock);
    return hosting;
}

static ParsecStatus check_guest(Parsec *ps, uint32_t id)
{
    pthread_mutex_lock(&ps->lock);
    bool known = ps->guest.state == GUEST_CONNECTED && ps->guest.id == id;
    ParsecStatus status = !ps->hosting ? PARSEC_NOT_RUNNING : known ? PARSEC_OK
                                                                    : SERVER_ERR_NO_USER;
    pthread_mutex_unlock(&ps->lock);
    return status;
}

ParsecStatus ParsecHostSetConfig(Parsec *ps, ParsecHostConfig *cfg, const char *sessionID)
{
    enter();
    record_config("hostSetConfig", cfg ? cfg : &DEFAULTS, sessionID);
    pthread_mutex_lock(&ps->lock);
    ps->host_config = cfg ? *cfg : DEFAULTS;
    ps->invalid &= !sessionID;
    pthread_mutex_unlock(&ps->lock);
    start_log(&ps->settings, sessionID, cfg ? cfg->secret : NULL);
    return is_hosting(ps) ? PARSEC_OK : PARSEC_NOT_RUNNING;
}

uint32_t ParsecHostGetGuests(Parsec *ps, uint32_t state, ParsecGuest **guests)
{
    enter();
    pthread_mutex_lock(&ps->lock);
    uint32_t count = (ps->guest.state & state) != 0;
    if (guests)
        *guests = NULL;
    if (guests && count) {
        *guests = allocate(sizeof **guests);
        **guests = ps->guest;
    }
    pthread_mutex_unlock(&ps->lock);
    return count;
}

ParsecStatus ParsecHostKickGuest(Parsec *ps, uint32_t guestID)
{
    enter();
    ParsecStatus status = check_guest(ps, guestID);
    record("kickGuest guestID=%u", (unsigned) guestID);
    if (status == PARSEC_OK) {
        pthread_mutex_lock(&ps->lock);
        change_guest(ps, GUEST_DISCONNECTED, HOST_WRN_KICKED);
        pthread_mutex_unlock(&ps->lock);
    }
    return status;
}

ParsecStatus ParsecHostSendUserData(Parsec *ps, uint32_t guestID, uint32_t id, const char *text)
{
    enter();
    record("hostUserData guestID=%u id=%u text=%s", (unsigned) guestID, (unsigned) id,
           quoted(text));
    return check_guest(ps, guestID);
}

bool ParsecHostPollEvents(Parsec *ps, uint32_t timeout, ParsecHostEvent *event)
{
    enter();
    int64_t end = now_ns() + timeout * 1000000LL;
    pthread_mutex_lock(&ps->lock);
    while (ps->host_events_in == ps->host_events_out && wait_until(ps, end))
        ;
    bool found = ps->host_events_in != ps->host_events_out;
    if (found)
        *event = ps->host_events[ps->host_events_out++ % EVENTS];
    pthread_mutex_unlock(&ps->lock);
    return found;
}

bool ParsecHostPollInput(Parsec *ps, uint32_t timeout, ParsecGuest *guest, ParsecMessage *msg)
{
    enter();
    int64_t end = now_ns() + timeout * 1000000LL;
    pthread_mutex_lock(&ps->lock);
    while (ps->hosting && ps->inputs_in == ps->inputs_out && wait_until(ps, end))
        ;
    bool found = ps->hosting && ps->inputs_in != ps->inputs_out;
    if (found) {
        *msg = ps->inputs[ps->inputs_out++ % EVENTS];
        if (guest)
            *guest = ps->guest;
    }
    pthread_mutex_unlock(&ps->lock);
    return found;
}

ParsecStatus ParsecHostAllowGuest(Parsec *ps, uint32_t guestID, bool allow)
{
    enter();
    record("allowGuest guestID=%u allow=%d", (unsigned) guestID, allow);
    return check_guest(ps, guestID);
}

ParsecStatus ParsecHostSetPermissions(Parsec *ps, uint32_t guestID, ParsecPermissions *perms)
{
    enter();
    record("setPermissions guestID=%u gamepad=%d keyboard=%d mouse=%d", (unsigned) guestID,
           perms->gamepad, perms->keyboard, perms->mouse);
    return check_guest(ps, guestID);
}

ParsecStatus ParsecHostSubmitAudio(Parsec *ps, int32_t format, uint32_t sampleRate, void *pcm,
    uint32_t frames)
{
    enter();
    if (!is_hosting(ps))
        return PARSEC_NOT_RUNNING;
    size_t size = frames * 2 * (format == PCM_FORMAT_FLOAT ? sizeof(float) : sizeof(int16_t));
    record("submitAudio format=%d sampleRate=%u frames=%u pcm=%08x", format,
           (unsigned) sampleRate, (unsigned) frames, (unsigned) fnv1a(pcm, pcm ? size : 0));
    return PARSEC_OK;
}

ParsecStatus ParsecHostSubmitCursor(Parsec *ps, uint8_t stream, ParsecCursor *cursor,
    void *image)
{
    enter();
    if (!is_hosting(ps))
        return PARSEC_NOT_RUNNING;
    record("submitCursor stream=%u size=%u width=%u height=%u hidden=%d relative=%d image=%08x",
           stream, (unsigned) cursor->size, cursor->width, cursor->height, cursor->hidden,
           cursor->relative, (unsigned) fnv1a(image, image ? cursor->size : 0));
    return PARSEC_OK;
}

ParsecStatus ParsecHostSubmitRumble(Parsec *ps, uint32_t guestID, uint32_t gamepadID,
    uint8_t motorBig, uint8_t motorSmall)
{
    enter();
    if (!is_hosting(ps))
        return PARSEC_NOT_RUNNING;
    record("submitRumble guestID=%u gamepadID=%u motorBig=%u motorSmall=%u", (unsigned) guestID,
           (unsigned) gamepadID, motorBig, motorSmall);
    return PARSEC_OK;
}

ParsecStatus ParsecHostGLSubmitFrame(Parsec *ps, uint8_t stream, uint32_t frame)
{
    enter();
    if (!is_hosting(ps))
        return PARSEC_NOT_RUNNING;
    record("submitFrame stream=%u frame=%u read=%d", stream, (unsigned) frame,
           record_texture(frame));
    return PARSEC_OK;
}

ParsecStatus ParsecHostD3D9SubmitFrame(Parsec *ps, uint8_t stream, void *device, void *frame)
{
    enter();
    (void) stream, (void) device, (void) frame;
    return is_hosting(ps) ? PARSEC_NOT_IMPLEMENTED : PARSEC_NOT_RUNNING;
}

ParsecStatus ParsecHostD3D11SubmitFrame(Parsec *ps, uint8_t stream, void *device, void *context,
    void *frame)
{
    enter();
    (void) stream, (void) device, (void) context, (void) frame;
    return is_hosting(ps) ? PARSEC_NOT_IMPLEMENTED : PARSEC_NOT_RUNNING;
}
