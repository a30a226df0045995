/* Instances, buffers, the log, the record and the settings of the stand-in. */
#define _GNU_SOURCE
#include "stand_in.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000LL

static __thread bool in_callback;
static atomic_int outstanding;

/* Held while the callback runs: after its removal it does not run any more. */
static pthread_mutex_t log_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static ParsecLogCallback log_callback;
static void *log_opaque;

/* -DON_LOAD=EXIT, PRINT or HANG builds a library that does so when it is loaded. */
#ifdef ON_LOAD
enum { EXIT, PRINT, HANG };

__attribute__((constructor)) static void load(void)
{
    printf("printed by the library\n");
    fflush(stdout);
    if (ON_LOAD == EXIT)
        _exit(getenv("PARSEC_SESSION_ID") ? 4 : 3);
    while (ON_LOAD == HANG)
        pause();
}
#endif

void callback_begins(void)
{
    in_callback = true;
}

void callback_ends(void)
{
    in_callback = false;
}

/* Settings */

static const char *find(const char *key)
{
    const char *text = getenv("PARSEC_STAND_IN");
    size_t length = strlen(key);
    for (; text && *text; text += strcspn(text, " "), text += strspn(text, " "))
        if (!strncmp(text, key, length) && text[length] == '=')
            return text + length + 1;
    return NULL;
}

static int number(const char *key, int otherwise)
{
    const char *value = find(key);
    return value ? atoi(value) : otherwise;
}

static bool starts(const char *key, const char *word)
{
    const char *value = find(key);
    return value && !strncmp(value, word, strlen(word));
}

void enter_function(const char *name)
{
    while (in_callback || starts("hang", name))
        pause();
}

static void scan(const char *key, const char *format, int *first, int *second, int *third)
{
    const char *value = find(key);
    if (value)
        sscanf(value, format, first, second, third);
}

static struct Settings read_settings(void)
{
    struct Settings s = {
        .connect = number("connect", 50),
        .approval = number("approval", 0),
        .status = number("status", PARSEC_OK),
        .drop = -1,
        .crash = number("crash", -1),
        .exit = -1,
        .needs_openssl = starts("openssl", "required"),
        .fps = number("fps", 60),
        .format = number("format", FORMAT_NV12),
        .width = 1280,
        .height = 720,
        .rotation = number("rotation", ROTATION_NONE),
        .resize_at = -1,
        .events = number("events", 0),
        .guest = number("guest", 0),
        .catches = number("catch", 0),
        .invalid = number("invalid", 0),
        .log = number("log", 0),
        .print = number("print", 0),
    };
    scan("drop", "%d:%d", &s.drop, &s.drop_code, NULL);
    scan("exit", "%d:%d", &s.exit, &s.exit_code, NULL);
    scan("size", "%dx%d", &s.width, &s.height, NULL);
    scan("padding", "%dx%d", &s.padding_x, &s.padding_y, NULL);
    scan("resize", "%d:%dx%d", &s.resize_at, &s.resize_width, &s.resize_height);
    return s;
}

/* Time and threads */

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 * MS + now.tv_nsec;
}

void sleep_ms(int ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * MS};
    while (ms > 0 && nanosleep(&left, &left) && errno == EINTR)
        ;
}

bool wait_until(Parsec *ps, int64_t ns)
{
    struct timespec end = {.tv_sec = ns / (1000 * MS), .tv_nsec = ns % (1000 * MS)};
    return pthread_cond_timedwait(&ps->changed, &ps->lock, &end) != ETIMEDOUT;
}

void start_thread(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument))
        abort();
    pthread_detach(thread);
}

void start_own_thread(Parsec *ps, void *(*run)(void *), void *argument)
{
    ps->threads++;
    start_thread(run, argument);
}

void leave(Parsec *ps)
{
    pthread_mutex_lock(&ps->lock);
    ps->threads--;
    pthread_cond_broadcast(&ps->changed);
    pthread_mutex_unlock(&ps->lock);
}

/* The record */

uint32_t fnv1a(const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * 16777619u;
    return hash;
}

#define TEXT 4096

static char *next_text(void)
{
    static __thread char texts[8][TEXT];
    static __thread unsigned turn;
    return texts[turn++ % 8];
}

const char *quoted(const char *text)
{
    char *out = next_text(), *at = out;
    for (const char *from = text ? text : "NULL"; *from && at < out + TEXT - 4; from++)
        if (*from <= ' ' || *from == '%' || *from == '=' || *from == 127)
            at += sprintf(at, "%%%02X", (uint8_t) *from);
        else
            *at++ = *from;
    *at = 0;
    return out;
}

const char *fingerprint(const char *text)
{
    if (!text)
        return "NULL";
    char *out = next_text();
    sprintf(out, "%zu:%08x", strlen(text), (unsigned) fnv1a(text, strlen(text)));
    return out;
}

void record(const char *format, ...)
{
    const char *path = getenv("PARSEC_STAND_IN_RECORD");
    if (!path)
        return;
    char line[4 * TEXT];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length > (int) sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* One write, so that lines of several threads do not mix. */
    if (file < 0 || write(file, line, length) != length)
        abort();
    close(file);
}

/* The log */

void emit_log(ParsecLogLevel level, const char *message)
{
    pthread_mutex_lock(&log_lock);
    if (log_callback)
        log_callback(level, message, log_opaque);
    pthread_mutex_unlock(&log_lock);
}

struct LogThread {
    int lines;
    char secrets[1024];
};

static void *write_log(void *argument)
{
    struct LogThread *thread = argument;
    for (int i = 0; i < thread->lines; i++) {
        char line[64];
        sprintf(line, i % 2 ? "line %d: \xff\xfe\x80" : "line %d: caf\xc3\xa9", i);
        const char *message = i == 1 ? thread->secrets : i == 2 ? NULL : line;
        emit_log(i % 2 ? LOG_DEBUG : LOG_INFO, message);
    }
    free(thread);
    return NULL;
}

void start_log(const struct Settings *settings, const char *session_id, const char *peer_id)
{
    if (!settings->log)
        return;
    struct LogThread *thread = calloc(1, sizeof *thread);
    thread->lines = settings->log;
    snprintf(thread->secrets, sizeof thread->secrets, "session %s, peer %s",
             session_id ? session_id : "", peer_id ? peer_id : "");
    start_thread(write_log, thread);
}

void ParsecSetLogCallback(ParsecLogCallback callback, void *opaque)
{
    enter();
    pthread_mutex_lock(&log_lock);
    log_callback = callback;
    log_opaque = opaque;
    pthread_mutex_unlock(&log_lock);
}

void need_openssl(const struct Settings *settings, const char *library)
{
    if (!settings->needs_openssl)
        return;
    for (int i = 0; i < 2; i++) {
        char name[32];
        sprintf(name, "lib%s.so.%s", library, i ? "1.0.0" : "1.1");
        if (dlopen(name, RTLD_NOW | RTLD_NOLOAD))
            return;
    }
    _exit(1);
}

/* Memory */

void *allocate(size_t size)
{
    outstanding++;
    return calloc(1, size ? size : 1);
}

int allocated(void)
{
    return outstanding;
}

void ParsecFree(void *ptr)
{
    enter();
    outstanding -= ptr != NULL;
    free(ptr);
}

uint32_t add_buffer(Parsec *ps, const void *bytes, size_t size)
{
    struct Buffer *buffer = &ps->buffers[ps->last_key % BUFFERS];
    free(buffer->bytes);
    *buffer = (struct Buffer){.key = ++ps->last_key, .bytes = malloc(size)};
    memcpy(buffer->bytes, bytes, size);
    return buffer->key;
}

void *ParsecGetBuffer(Parsec *ps, uint32_t key)
{
    enter();
    void *bytes = NULL;
    pthread_mutex_lock(&ps->lock);
    for (int i = 0; i < BUFFERS; i++)
        if (key && ps->buffers[i].key == key) {
            bytes = ps->buffers[i].bytes;
            ps->buffers[i] = (struct Buffer){0};
            outstanding++;
        }
    pthread_mutex_unlock(&ps->lock);
    return bytes;
}

/* Instances */

static void *discover(void *argument)
{
    sleep_ms(5);
    printf("sendto: Network is unreachable\n");
    fflush(stdout);
    return argument;
}

ParsecStatus ParsecInit(uint32_t ver, ParsecConfig *cfg, void *reserved, Parsec **ps)
{
    enter();
    ParsecConfig config = cfg ? *cfg : (ParsecConfig){.upnp = 1};
    record("init ver=%u upnp=%d clientPort=%d hostPort=%d reserved=%s", (unsigned) ver,
           config.upnp, config.clientPort, config.hostPort, quoted(reserved));
    if (number("init", PARSEC_OK))
        return number("init", PARSEC_OK);
    if (ver >> 16 != PARSEC_VER_MAJOR)
        return PARSEC_ERR_VERSION;

    Parsec *new = calloc(1, sizeof *new);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&new->changed, &monotonic);
    pthread_mutex_init(&new->lock, NULL);
    for (int i = 0; i < NUM_VSTREAMS; i++)
        pthread_mutex_init(&new->streams[i].polled, NULL);
    new->settings = read_settings();
    new->config = config;
    new->config.clientPort = config.clientPort ? config.clientPort : 31912;
    new->config.hostPort = config.hostPort ? config.hostPort : 22912;
    new->status = PARSEC_NOT_RUNNING;
    for (int i = 0; config.upnp && i < 2; i++)
        start_thread(discover, NULL);
    *ps = new;
    return PARSEC_OK;
}

void ParsecDestroy(Parsec *ps)
{
    enter();
    if (!ps)
        return;
    record("destroy");
    pthread_mutex_lock(&ps->lock);
    bool attempting = ps->attempts;
    ps->status = PARSEC_NOT_RUNNING;
    ps->hosting = false;
    pthread_cond_broadcast(&ps->changed);
    while (ps->threads)
        pthread_cond_wait(&ps->changed, &ps->lock);
    pthread_mutex_unlock(&ps->lock);
    if (attempting)
        raise(SIGSEGV);
    for (int i = 0; i < BUFFERS; i++)
        free(ps->buffers[i].bytes);
    for (int i = 0; i < NUM_VSTREAMS; i++)
        free(ps->streams[i].image);
    free(ps);
}

void ParsecGetConfig(Parsec *ps, ParsecConfig *cfg)
{
    enter();
    *cfg = ps->config;
}

uint32_t ParsecVersion(void)
{
    enter();
    return number("version", PARSEC_VER);
}

uint32_t ParsecGetOutputs(ParsecOutput *outputs, uint32_t len)
{
    enter();
    (void) outputs, (void) len;
    return 0;
}

uint32_t ParsecGetDecoders(ParsecDecoder *decoders, uint32_t len)
{
    enter();
    static const char *const names[] = {"Software", "Hardware"};
    uint32_t count = len < 2 ? len : 2;
    for (uint32_t i = 0; i < count; i++) {
        decoders[i] = (ParsecDecoder){.index = i};
        strcpy(decoders[i].name, names[i]);
    }
    return count;
}
