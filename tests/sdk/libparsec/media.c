/* Pictures and sound of the stand-in.
 *
 * Upright, a picture has four coloured quadrants, and its number in two grey blocks of 8 x 8
 * pixels at the upper left: the number's lower four bits, then the next four, each as
 * 16 * bits + 8. Stream 1 has the colours one quadrant further. Every byte of the padding holds
 * garbage. The image is spoiled after the callback. */
#include "stand_in.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 8
#define CHUNK 480
#define RATE 48000

static const uint8_t COLOURS[4][3] = {
    {220, 40, 50}, {40, 200, 70}, {50, 70, 210}, {230, 210, 40}};

struct Colour {
    uint8_t r, g, b, y, u, v;
};

/* BT.709, limited range. */
static struct Colour colour(int r, int g, int b)
{
    double luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return (struct Colour){
        .r = r,
        .g = g,
        .b = b,
        .y = 16.5 + luma * 219 / 255,
        .u = 128.5 + (b - luma) / 1.8556 * 224 / 255,
        .v = 128.5 + (r - luma) / 1.5748 * 224 / 255,
    };
}

/* The colour of a pixel of the buffer, which a clockwise turn by `rotation` sets upright. */
static struct Colour pixel(const ParsecFrame *f, int stream, int64_t number, int x, int y)
{
    int width = f->width, height = f->height, across = x, down = y;
    if (f->rotation == ROTATION_90)
        across = height - 1 - y, down = x;
    else if (f->rotation == ROTATION_180)
        across = width - 1 - x, down = height - 1 - y;
    else if (f->rotation == ROTATION_270)
        across = y, down = width - 1 - x;
    bool turned = f->rotation == ROTATION_90 || f->rotation == ROTATION_270;
    if (down < BLOCK && across < 2 * BLOCK) {
        int grey = (number >> (across < BLOCK ? 0 : 4)) % 16 * 16 + 8;
        return colour(grey, grey, grey);
    }
    int right = across >= (turned ? height : width) / 2;
    int lower = down >= (turned ? width : height) / 2;
    const uint8_t *rgb = COLOURS[(2 * lower + right + stream) % 4];
    return colour(rgb[0], rgb[1], rgb[2]);
}

static void put(uint8_t *image, const ParsecFrame *f, int x, int y, struct Colour c)
{
    size_t w = f->fullWidth, h = f->fullHeight, at = y * w + x, all = w * h;
    uint8_t *chroma = image + all;
    size_t half = y * (w / 2) + x / 2, quarter = y / 2 * (w / 2) + x / 2;
    switch (f->format) {
    case FORMAT_BGRA:
        memcpy(image + 4 * at, (uint8_t[]){c.b, c.g, c.r, 255}, 4);
        return;
    case FORMAT_RGBA:
        memcpy(image + 4 * at, (uint8_t[]){c.r, c.g, c.b, 255}, 4);
        return;
    case FORMAT_NV12:
        memcpy(chroma + 2 * quarter, (uint8_t[]){c.u, c.v}, 2);
        break;
    case FORMAT_I420:
        chroma[quarter] = c.u;
        chroma[all / 4 + quarter] = c.v;
        break;
    case FORMAT_NV16:
        memcpy(chroma + 2 * half, (uint8_t[]){c.u, c.v}, 2);
        break;
    case FORMAT_I422:
        chroma[half] = c.u;
        chroma[all / 2 + half] = c.v;
        break;
    case FORMAT_I444:
        chroma[at] = c.u;
        chroma[all + at] = c.v;
        break;
    }
    image[at] = c.y;
}

/* Where the grey blocks are in the buffer. */
static void blocks(const ParsecFrame *f, int *x, int *y, int *width, int *height)
{
    bool turned = f->rotation == ROTATION_90 || f->rotation == ROTATION_270;
    *width = turned ? BLOCK : 2 * BLOCK;
    *height = turned ? 2 * BLOCK : BLOCK;
    *x = f->rotation == ROTATION_180 || f->rotation == ROTATION_270 ? f->width - *width : 0;
    *y = f->rotation == ROTATION_90 || f->rotation == ROTATION_180 ? f->height - *height : 0;
}

static void describe(const struct Settings *s, int64_t number, ParsecFrame *f)
{
    static const int HALVES[] = {0, 3, 3, 4, 4, 8, 8, 6};
    bool resized = s->resize_at >= 0 && number >= s->resize_at;
    f->format = s->format;
    f->rotation = s->rotation;
    f->width = resized ? s->resize_width : s->width;
    f->height = resized ? s->resize_height : s->height;
    f->fullWidth = f->width + s->padding_x;
    f->fullHeight = f->height + s->padding_y;
    bool known = s->format > FORMAT_UNKNOWN && s->format <= FORMAT_I444;
    f->size = f->fullWidth * f->fullHeight * HALVES[known ? s->format : 0] / 2;
}

static void paint(Parsec *ps, uint8_t stream, int64_t number, ParsecFrame *f)
{
    struct Stream *s = &ps->streams[stream];
    describe(&ps->settings, number, f);
    int x = 0, y = 0, width = f->width, height = f->height;
    if (s->width == f->width && s->height == f->height) {
        blocks(f, &x, &y, &width, &height);
    } else {
        s->image = realloc(s->image, f->size + 1);
        for (uint32_t i = 0, garbage = 1; i < f->size; i++)
            s->image[i] = (garbage = garbage * 1664525 + 1013904223) >> 24;
    }
    if (!f->size)
        return;
    for (int j = y; j < y + height; j++)
        for (int i = x; i < x + width; i++)
            put(s->image, f, i, j, pixel(f, stream, number, i, j));
}

static void spoil(struct Stream *s, const ParsecFrame *f)
{
    int x, y, width, height;
    blocks(f, &x, &y, &width, &height);
    for (int j = y; f->size && j < y + height; j++)
        for (int i = x; i < x + width; i++)
            put(s->image, f, i, j, colour(255, 0, 255));
}

ParsecStatus ParsecClientPollFrame(Parsec *ps, uint8_t stream, ParsecFrameCallback callback,
    uint32_t timeout, void *opaque)
{
    enter();
    if (stream >= NUM_VSTREAMS)
        return ERR_DEFAULT;
    struct Stream *s = &ps->streams[stream];
    int64_t end = now_ns() + timeout * 1000000LL, number = -1;
    pthread_mutex_lock(&s->polled);
    pthread_mutex_lock(&ps->lock);
    while (ps->status == PARSEC_OK && number < 0) {
        int64_t now = now_ns(), next = end;
        if (s->enabled && !ps->video_paused && ps->settings.fps > 0) {
            int64_t due = (now - ps->connected_at) * ps->settings.fps / 1000000000;
            if (due >= s->next) {
                number = due;
                break;
            }
            next = ps->connected_at + s->next * 1000000000 / ps->settings.fps + 1;
        }
        if (now >= end)
            break;
        wait_until(ps, next < end ? next : end);
    }
    ParsecStatus status = ps->status;
    pthread_mutex_unlock(&ps->lock);
    if (number >= 0) {
        ParsecFrame frame;
        paint(ps, stream, number, &frame);
        pthread_mutex_lock(&ps->lock);
        s->next = number + 1;
        s->width = frame.width;
        s->height = frame.height;
        pthread_mutex_unlock(&ps->lock);
        callback_begins();
        callback(&frame, s->image, opaque);
        callback_ends();
        spoil(s, &frame);
    }
    pthread_mutex_unlock(&s->polled);
    return number >= 0 ? PARSEC_OK : status ? PARSEC_NOT_RUNNING : NETWORK_WRN_TIMEOUT;
}

/* Sample i is i to the left and -i to the right, modulo 2^16. */
ParsecStatus ParsecClientPollAudio(Parsec *ps, ParsecAudioCallback callback, uint32_t timeout,
    void *opaque)
{
    enter();
    const int64_t length = 1000000000LL * CHUNK / RATE;
    int64_t end = now_ns() + timeout * 1000000LL, chunk = -1;
    pthread_mutex_lock(&ps->lock);
    while (ps->status == PARSEC_OK && chunk < 0) {
        int64_t now = now_ns(), next = end;
        if (!ps->audio_paused) {
            int64_t due = (now - ps->connected_at) / length - 1;
            /* Sound that is not fetched within 200 ms is lost. */
            if (ps->next_chunk < due - 20)
                ps->next_chunk = due - 20;
            if (ps->next_chunk <= due) {
                chunk = ps->next_chunk++;
                break;
            }
            next = ps->connected_at + (ps->next_chunk + 1) * length;
        }
        if (now >= end)
            break;
        wait_until(ps, next < end ? next : end);
    }
    ParsecStatus status = ps->status;
    pthread_mutex_unlock(&ps->lock);
    if (chunk < 0)
        return status ? PARSEC_NOT_RUNNING : AUDIO_WRN_NO_DATA;
    int16_t samples[2 * CHUNK];
    for (int i = 0; i < CHUNK; i++) {
        samples[2 * i] = chunk * CHUNK + i;
        samples[2 * i + 1] = -(chunk * CHUNK + i);
    }
    callback_begins();
    callback(samples, CHUNK, opaque);
    callback_ends();
    return PARSEC_OK;
}
