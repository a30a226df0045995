/* The guest's side of the stand-in: one attempt at a time, in a thread. */
#include "stand_in.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void record_config(const char *what, const ParsecClientConfig *cfg)
{
    char video[NUM_VSTREAMS * 256] = "";
    for (int i = 0, at = 0; i < NUM_VSTREAMS; i++) {
        const ParsecClientVideoConfig *v = &cfg->video[i];
        at += sprintf(video + at,
                      " video%d.decoderIndex=%u video%d.resolutionX=%d video%d.resolutionY=%d"
                      " video%d.decoderCompatibility=%d video%d.decoderH265=%d"
                      " video%d.decoder444=%d",
                      i, (unsigned) v->decoderIndex, i, v->resolutionX, i, v->resolutionY, i,
                      v->decoderCompatibility, i, v->decoderH265, i, v->decoder444);
    }
    record("%s mediaContainer=%d protocol=%d secret=%s pngCursor=%d%s", what,
           cfg->mediaContainer, cfg->protocol, fingerprint(cfg->secret), cfg->pngCursor, video);
}

static const ParsecClientConfig DEFAULTS = {
    .video = {{.decoderIndex = 1}, {.decoderIndex = 1}},
    .protocol = PROTO_MODE_BUD,
};

static void add_event(Parsec *ps, ParsecClientEvent event)
{
    ps->events[ps->events_in++ % EVENTS] = event;
}

static void add_events(Parsec *ps)
{
    uint8_t image[16 * 16 * 4];
    for (size_t i = 0; i < sizeof image; i++)
        image[i] = i;
    const char *text = "hello \xe2\x98\x83";
    add_event(ps, (ParsecClientEvent){
        .type = CLIENT_EVENT_CURSOR,
        .cursor = {
            .cursor = {.size = sizeof image, .positionX = 100, .positionY = 200, .width = 16,
                       .height = 16, .hotX = 3, .hotY = 4, .imageUpdate = true},
            .key = add_buffer(ps, image, sizeof image),
        },
    });
    add_event(ps, (ParsecClientEvent){
        .type = CLIENT_EVENT_USER_DATA,
        .userData = {.id = 7, .key = add_buffer(ps, text, strlen(text) + 1)},
    });
    add_event(ps, (ParsecClientEvent){
        .type = CLIENT_EVENT_RUMBLE,
        .rumble = {.gamepadID = 1, .motorBig = 200, .motorSmall = 100},
    });
    add_event(ps, (ParsecClientEvent){.type = CLIENT_EVENT_BLOCKED});
    add_event(ps, (ParsecClientEvent){.type = CLIENT_EVENT_UNBLOCKED});
    add_event(ps, (ParsecClientEvent){
        .type = CLIENT_EVENT_STREAM,
        .stream = {.status = DECODE_WRN_REINIT, .stream = 0},
    });
}

/* What a game does with the mouse: relative motion, or an end of it. */
static void toggle_catch(Parsec *ps)
{
    pthread_mutex_lock(&ps->lock);
    ps->caught = !ps->caught;
    add_event(ps, (ParsecClientEvent){
        .type = CLIENT_EVENT_CURSOR,
        .cursor.cursor = {.hidden = ps->caught, .relative = ps->caught},
    });
    pthread_cond_broadcast(&ps->changed);
    pthread_mutex_unlock(&ps->lock);
}

/* Ends the connection or the process when the settings say so. The lock is held. */
static void live(Parsec *ps, int64_t began)
{
    const struct Settings *s = &ps->settings;
    int first = s->drop;
    if (s->crash >= 0 && (first < 0 || s->crash < first))
        first = s->crash;
    if (s->exit >= 0 && (first < 0 || s->exit < first))
        first = s->exit;
    int64_t end = began + first * 1000000LL;
    while (first >= 0 && ps->status == PARSEC_OK && ps->connected_at == began) {
        if (now_ns() < end) {
            wait_until(ps, end);
            continue;
        }
        if (first == s->crash)
            raise(SIGSEGV);
        if (first == s->exit)
            _exit(s->exit_code);
        ps->status = s->drop_code;
        pthread_cond_broadcast(&ps->changed);
    }
}

static void *run_attempt(void *argument)
{
    struct Attempt *attempt = argument;
    Parsec *ps = attempt->ps;
    const struct Settings *s = &ps->settings;
    emit_log(LOG_DEBUG, "STUN server 192.0.2.1:3478");
    need_openssl(s, "ssl");
    if (s->approval) {
        sleep_ms(s->approval);
        pthread_mutex_lock(&ps->lock);
        if (!attempt->abandoned)
            ps->status = PARSEC_CONNECTING;
        pthread_mutex_unlock(&ps->lock);
    }
    sleep_ms(s->connect);

    pthread_mutex_lock(&ps->lock);
    bool connected = !attempt->abandoned && s->status == PARSEC_OK;
    /* An attempt that was broken off writes its failure all the same. */
    ParsecStatus status = attempt->abandoned ? WS_ERR_CONNECT : s->status;
    ps->status = status;
    ps->attempts--;
    if (!attempt->abandoned)
        ps->attempt = NULL;
    if (connected) {
        ps->connected_at = now_ns();
        ps->next_chunk = 0;
        ps->streams[DEFAULT_STREAM].enabled = true;
        if (s->events)
            add_events(ps);
    }
    pthread_cond_broadcast(&ps->changed);
    if (connected)
        live(ps, ps->connected_at);
    pthread_mutex_unlock(&ps->lock);
    if (status < 0) {
        char line[64];
        sprintf(line, "* signal_thread[232] = %d", status);
        emit_log(LOG_INFO, line);
    }
    free(attempt);
    leave(ps);
    return NULL;
}

ParsecStatus ParsecClientConnect(Parsec *ps, ParsecClientConfig *cfg, const char *sessionID,
    const char *peerID)
{
    enter();
    char what[256];
    snprintf(what, sizeof what, "connect peer=%s session=%s", quoted(peerID),
             fingerprint(sessionID));
    record_config(what, cfg ? cfg : &DEFAULTS);
    need_openssl(&ps->settings, "crypto");
    pthread_mutex_lock(&ps->lock);
    if (ps->attempt || ps->status == PARSEC_OK) {
        pthread_mutex_unlock(&ps->lock);
        return PARSEC_ALREADY_RUNNING;
    }
    struct Attempt *attempt = calloc(1, sizeof *attempt);
    attempt->ps = ps;
    ps->attempt = attempt;
    ps->attempts++;
    ps->status = ps->settings.approval ? CONNECT_WRN_APPROVAL : PARSEC_CONNECTING;
    start_own_thread(ps, run_attempt, attempt);
    pthread_mutex_unlock(&ps->lock);
    if (ps->settings.print) {
        printf("printed to stdout\n");
        fflush(stdout);
        fprintf(stderr, "printed to stderr\n");
    }
    emit_log(LOG_INFO, "logged by the calling thread");
    start_log(&ps->settings, sessionID, peerID);
    return PARSEC_OK;
}

void ParsecClientDisconnect(Parsec *ps)
{
    enter();
    record("disconnect unfreed=%d", allocated());
    pthread_mutex_lock(&ps->lock);
    if (ps->attempt)
        ps->attempt->abandoned = true;
    ps->attempt = NULL;
    ps->status = PARSEC_NOT_RUNNING;
    ps->events_in = ps->events_out = 0;
    ps->video_paused = ps->audio_paused = false;
    for (int i = 0; i < NUM_VSTREAMS; i++) {
        struct Stream *stream = &ps->streams[i];
        stream->enabled = false;
        stream->next = stream->width = stream->height = 0;
    }
    pthread_cond_broadcast(&ps->changed);
    pthread_mutex_unlock(&ps->lock);
}

static bool is_connected(Parsec *ps)
{
    pthread_mutex_lock(&ps->lock);
    bool connected = ps->status == PARSEC_OK;
    pthread_mutex_unlock(&ps->lock);
    return connected;
}

static ParsecGuest describe_self(Parsec *ps)
{
    ParsecGuest self = {
        .perms = {.gamepad = true, .keyboard = true, .mouse = true},
        .state = ps->status == PARSEC_OK              ? GUEST_CONNECTED
                 : ps->status == CONNECT_WRN_APPROVAL ? GUEST_WAITING
                 : ps->status == PARSEC_CONNECTING    ? GUEST_CONNECTING
                                                      : 0,
        .id = 2,
        .userID = 1525260,
        .name = "Zo\xc3\xab",
    };
    for (int i = 0; ps->status == PARSEC_OK && i < NUM_VSTREAMS; i++)
        self.metrics[i] = (ParsecMetrics){
            .packetsSent = ps->streams[i].next * 10,
            .fastRTs = 3,
            .slowRTs = 1,
            .encodeLatency = 4.5,
            .decodeLatency = 2.25,
            .networkLatency = 12.5,
            .bitrate = 8.75,
        };
    return self;
}

ParsecStatus ParsecClientGetStatus(Parsec *ps, ParsecClientStatus *status)
{
    enter();
    pthread_mutex_lock(&ps->lock);
    ParsecStatus result = ps->status;
    if (status) {
        *status = (ParsecClientStatus){.self = describe_self(ps)};
        for (int i = 0; i < NUM_VSTREAMS; i++) {
            status->decoder[i].width = ps->streams[i].width;
            status->decoder[i].height = ps->streams[i].height;
            strcpy(status->decoder[i].name, "Software");
        }
        status->hostMode = result == PARSEC_OK ? HOST_DESKTOP : HOST_NONE;
    }
    pthread_mutex_unlock(&ps->lock);
    return result;
}

uint32_t ParsecClientGetGuests(Parsec *ps, ParsecGuest **guests)
{
    enter();
    pthread_mutex_lock(&ps->lock);
    uint32_t count = ps->status == PARSEC_OK ? 2 : 0;
    if (guests)
        *guests = NULL;
    if (guests && count) {
        *guests = allocate(count * sizeof **guests);
        (*guests)[0] = (ParsecGuest){
            .state = GUEST_CONNECTED, .id = 1, .userID = 7, .name = "Owner", .owner = true};
        (*guests)[1] = describe_self(ps);
    }
    pthread_mutex_unlock(&ps->lock);
    return count;
}

bool ParsecClientPollEvents(Parsec *ps, uint32_t timeout, ParsecClientEvent *event)
{
    enter();
    int64_t end = now_ns() + timeout * 1000000LL;
    pthread_mutex_lock(&ps->lock);
    while (ps->status == PARSEC_OK && ps->events_in == ps->events_out && wait_until(ps, end))
        ;
    bool found = ps->status == PARSEC_OK && ps->events_in != ps->events_out;
    if (found)
        *event = ps->events[ps->events_out++ % EVENTS];
    pthread_mutex_unlock(&ps->lock);
    return found;
}

ParsecStatus ParsecClientSetConfig(Parsec *ps, ParsecClientConfig *cfg)
{
    enter();
    if (!is_connected(ps))
        return PARSEC_NOT_RUNNING;
    record_config("setConfig", cfg ? cfg : &DEFAULTS);
    return PARSEC_OK;
}

ParsecStatus ParsecClientSetDimensions(Parsec *ps, uint8_t stream, uint32_t width,
    uint32_t height, float scale)
{
    enter();
    if (!is_connected(ps))
        return PARSEC_NOT_RUNNING;
    record("setDimensions stream=%u width=%u height=%u scale=%g", stream, (unsigned) width,
           (unsigned) height, scale);
    return PARSEC_OK;
}

ParsecStatus ParsecClientSendMessage(Parsec *ps, ParsecMessage *msg)
{
    enter();
    if (!is_connected(ps))
        return PARSEC_NOT_RUNNING;
    const ParsecMessage *m = msg;
    switch (m->type) {
    case MESSAGE_KEYBOARD:
        record("keyboard code=%d mod=%d pressed=%d", m->keyboard.code, m->keyboard.mod,
               m->keyboard.pressed);
        break;
    case MESSAGE_MOUSE_BUTTON:
        record("mouseButton button=%d pressed=%d", m->mouseButton.button,
               m->mouseButton.pressed);
        if (ps->settings.catches && m->mouseButton.button == MOUSE_MIDDLE
            && m->mouseButton.pressed)
            toggle_catch(ps);
        break;
    case MESSAGE_MOUSE_WHEEL:
        record("mouseWheel x=%d y=%d", m->mouseWheel.x, m->mouseWheel.y);
        break;
    case MESSAGE_MOUSE_MOTION:
        record("mouseMotion x=%d y=%d relative=%d scaleRelative=%d stream=%u", m->mouseMotion.x,
               m->mouseMotion.y, m->mouseMotion.relative, m->mouseMotion.scaleRelative,
               m->mouseMotion.stream);
        break;
    case MESSAGE_GAMEPAD_BUTTON:
        record("gamepadButton button=%d id=%u pressed=%d", m->gamepadButton.button,
               (unsigned) m->gamepadButton.id, m->gamepadButton.pressed);
        break;
    case MESSAGE_GAMEPAD_AXIS:
        record("gamepadAxis axis=%d id=%u value=%d", m->gamepadAxis.axis,
               (unsigned) m->gamepadAxis.id, m->gamepadAxis.value);
        break;
    case MESSAGE_GAMEPAD_UNPLUG:
        record("gamepadUnplug id=%u", (unsigned) m->gamepadUnplug.id);
        break;
    case MESSAGE_GAMEPAD_STATE:
        record("gamepadState id=%u buttons=%u thumbLX=%d thumbLY=%d thumbRX=%d thumbRY=%d"
               " leftTrigger=%u rightTrigger=%u",
               (unsigned) m->gamepadState.id, m->gamepadState.buttons, m->gamepadState.thumbLX,
               m->gamepadState.thumbLY, m->gamepadState.thumbRX, m->gamepadState.thumbRY,
               m->gamepadState.leftTrigger, m->gamepadState.rightTrigger);
        break;
    case MESSAGE_RELEASE:
        record("release");
        break;
    default:
        record("unknown type=%d", m->type);
    }
    return PARSEC_OK;
}

ParsecStatus ParsecClientPause(Parsec *ps, bool pauseVideo, bool pauseAudio)
{
    enter();
    if (!is_connected(ps))
        return PARSEC_NOT_RUNNING;
    record("pause pauseVideo=%d pauseAudio=%d", pauseVideo, pauseAudio);
    pthread_mutex_lock(&ps->lock);
    ps->video_paused = pauseVideo;
    ps->audio_paused = pauseAudio;
    pthread_cond_broadcast(&ps->changed);
    pthread_mutex_unlock(&ps->lock);
    return PARSEC_OK;
}

ParsecStatus ParsecClientEnableStream(Parsec *ps, uint8_t stream, bool enable)
{
    enter();
    if (!is_connected(ps))
        return PARSEC_NOT_RUNNING;
    record("enableStream stream=%u enable=%d", stream, enable);
    if (stream >= NUM_VSTREAMS)
        return ERR_DEFAULT;
    pthread_mutex_lock(&ps->lock);
    ps->streams[stream].enabled = enable;
    pthread_cond_broadcast(&ps->changed);
    pthread_mutex_unlock(&ps->lock);
    return PARSEC_OK;
}

ParsecStatus ParsecClientSendUserData(Parsec *ps, uint32_t id, const char *text)
{
    enter();
    if (!is_connected(ps))
        return PARSEC_NOT_RUNNING;
    record("userData id=%u text=%s", (unsigned) id, quoted(text));
    return PARSEC_OK;
}

/* There is no graphics context to draw with. */
static ParsecStatus draw(Parsec *ps, ParsecPreRenderCallback pre, void *opaque,
    ParsecStatus status)
{
    enter();
    if (!is_connected(ps))
        return PARSEC_NOT_RUNNING;
    callback_begins();
    bool wanted = !pre || pre(opaque);
    callback_ends();
    return wanted ? status : PARSEC_ERR_PRE_RENDER;
}

ParsecStatus ParsecClientGLRenderFrame(Parsec *ps, uint8_t stream, ParsecPreRenderCallback pre,
    void *opaque, uint32_t timeout)
{
    (void) stream, (void) timeout;
    return draw(ps, pre, opaque, OPENGL_ERR_CONTEXT);
}

ParsecStatus ParsecClientMetalRenderFrame(Parsec *ps, uint8_t stream, void *cq, void **target,
    ParsecPreRenderCallback pre, void *opaque, uint32_t timeout)
{
    (void) stream, (void) cq, (void) target, (void) timeout;
    return draw(ps, pre, opaque, PARSEC_NOT_IMPLEMENTED);
}

ParsecStatus ParsecClientD3D9RenderFrame(Parsec *ps, uint8_t stream, void *device,
    ParsecPreRenderCallback pre, void *opaque, uint32_t timeout)
{
    (void) stream, (void) device, (void) timeout;
    return draw(ps, pre, opaque, PARSEC_NOT_IMPLEMENTED);
}

ParsecStatus ParsecClientD3D11RenderFrame(Parsec *ps, uint8_t stream, void *device,
    void *context, ParsecPreRenderCallback pre, void *opaque, uint32_t timeout)
{
    (void) stream, (void) device, (void) context, (void) timeout;
    return draw(ps, pre, opaque, PARSEC_NOT_IMPLEMENTED);
}

void ParsecClientGLDestroy(Parsec *ps, uint8_t stream)
{
    enter();
    (void) ps, (void) stream;
}
