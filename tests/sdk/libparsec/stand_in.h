/* What the files of the stand-in share: settings, the instance, the record.
 *
 * PARSEC_STAND_IN holds settings as `key=value`, with spaces between; struct Settings names
 * them. Without any, a host lets the client in after 50 ms. PARSEC_STAND_IN_RECORD names a file
 * to which a line is appended for everything that the library is sent. Neither a session ID nor
 * a share secret is written there, only length and hash. */
#ifndef STAND_IN_H
#define STAND_IN_H

#include <pthread.h>
#include <time.h>

#include "layout.h"
#include "libparsec.h"

/* -DWITHOUT=ParsecClientPause builds a library that does not export that function. */
#ifdef WITHOUT
#define DIRECTIVE(name) ".hidden " #name
#define HIDE(name) __asm__(DIRECTIVE(name))
HIDE(WITHOUT);
#endif

#define EVENTS 32
#define BUFFERS 32

struct Settings {
    /* The attempt: how long it takes, how long it waits for approval before, how it ends. */
    int connect, approval, status;
    /* How a connection ends by itself, in ms after its start; -1 for never. */
    int drop, drop_code, crash, exit, exit_code;
    /* openssl=required: the process ends unless OpenSSL 1.1 or 1.0.0 is loaded. */
    bool needs_openssl;
    /* Frames: size=WxH, padding=XxY, rotation=1…4, resize=FRAME:WxH. */
    int fps, format, width, height, padding_x, padding_y, rotation;
    int resize_at, resize_width, resize_height;
    /* events=1 sends one of each kind to the client; guest=1 lets a guest join the host;
     * catch=1 makes the middle button catch the client's mouse, and give it back. */
    bool events, guest, catches;
    /* invalid=1 reports the session ID as invalid, until the host gets another one. */
    bool invalid;
    /* log=N writes N lines of all sorts from another thread; print=1 uses stdout and stderr. */
    int log;
    bool print;
};

struct Buffer {
    uint32_t key;
    void *bytes;
};

/* One attempt to connect. It outlives a disconnect, as in the library. */
struct Attempt {
    Parsec *ps;
    bool abandoned;
};

struct Stream {
    pthread_mutex_t polled;
    bool enabled;
    int64_t next;
    uint32_t width, height;
    uint8_t *image;
};

struct Parsec {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct Settings settings;
    ParsecConfig config;
    struct Buffer buffers[BUFFERS];
    uint32_t last_key;

    /* Destroy waits for the threads, and crashes if one of them was connecting. */
    int threads, attempts;
    ParsecStatus status;
    struct Attempt *attempt;
    int64_t connected_at;
    bool video_paused, audio_paused, caught;
    struct Stream streams[NUM_VSTREAMS];
    int64_t next_chunk;
    ParsecClientEvent events[EVENTS];
    unsigned events_in, events_out;

    ParsecHostConfig host_config;
    bool hosting, stopped, invalid;
    unsigned host_run;
    ParsecGuest guest;
    ParsecHostEvent host_events[EVENTS];
    unsigned host_events_in, host_events_out;
    ParsecMessage inputs[EVENTS];
    unsigned inputs_in, inputs_out;
};

/* base.c */

/* Begins every exported function: one that is called from inside a callback never returns, nor
 * does the one that hang=FUNCTION names. */
#define enter() enter_function(__func__)
void enter_function(const char *name);
/* Runs a callback of the user's between these two. */
void callback_begins(void);
void callback_ends(void);

void start_thread(void *(*run)(void *), void *argument);
/* Starts a thread that Destroy waits for; it ends with leave(). The lock is held. */
void start_own_thread(Parsec *ps, void *(*run)(void *), void *argument);
void leave(Parsec *ps);
int64_t now_ns(void);
void sleep_ms(int ms);
/* Waits for a change of the instance; false if the time has come. The lock is held. */
bool wait_until(Parsec *ps, int64_t ns);

void record(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Encode a text for the record, in one of a few buffers of the calling thread. */
const char *quoted(const char *text);
/* Length and FNV-1a hash of a secret, for the record. */
const char *fingerprint(const char *text);
uint32_t fnv1a(const void *bytes, size_t length);
/* Writes the pixels of an OpenGL texture to a file beside the record, NAME.ppm, once it is
 * whole; the first row is the first one of the texture. Returns false without a context. */
bool record_texture(uint32_t texture);

void emit_log(ParsecLogLevel level, const char *message);
/* Logs what a log may hold, from a thread: texts, no UTF-8, the secrets, no text at all. */
void start_log(const struct Settings *settings, const char *session_id, const char *peer_id);
/* Ends the process as the library does without OpenSSL. */
void need_openssl(const struct Settings *settings, const char *library);

void *allocate(size_t size);
int allocated(void);
/* Keep bytes for ParsecGetBuffer. The lock is held. */
uint32_t add_buffer(Parsec *ps, const void *bytes, size_t size);

#endif
