/* Reads the pixels of a texture back, with the OpenGL that the caller has loaded. */
#include "stand_in.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define GL_TEXTURE_2D 0x0DE1
#define GL_TEXTURE_BINDING_2D 0x8069
#define GL_TEXTURE_WIDTH 0x1000
#define GL_TEXTURE_HEIGHT 0x1001
#define GL_PACK_ALIGNMENT 0x0D05
#define GL_RGB 0x1907
#define GL_UNSIGNED_BYTE 0x1401

static void (*get_integer)(unsigned, int *);
static void (*bind_texture)(unsigned, unsigned);
static void (*get_parameter)(unsigned, int, unsigned, int *);
static void (*pixel_store)(unsigned, int);
static void (*get_image)(unsigned, int, unsigned, unsigned, void *);

static bool find_functions(void)
{
    void *gl = dlopen("libGL.so.1", RTLD_NOW);
    if (!gl)
        return false;
    *(void **) &get_integer = dlsym(gl, "glGetIntegerv");
    *(void **) &bind_texture = dlsym(gl, "glBindTexture");
    *(void **) &get_parameter = dlsym(gl, "glGetTexLevelParameteriv");
    *(void **) &pixel_store = dlsym(gl, "glPixelStorei");
    *(void **) &get_image = dlsym(gl, "glGetTexImage");
    return get_integer && bind_texture && get_parameter && pixel_store && get_image;
}

static bool write_picture(const char *path, int width, int height, const uint8_t *pixels)
{
    char part[4096];
    snprintf(part, sizeof part, "%s.part", path);
    FILE *file = fopen(part, "wb");
    if (!file)
        return false;
    fprintf(file, "P6 %d %d 255\n", width, height);
    fwrite(pixels, 3, (size_t) width * height, file);
    fclose(file);
    return !rename(part, path);
}

bool record_texture(uint32_t texture)
{
    const char *record = getenv("PARSEC_STAND_IN_RECORD");
    if (!record || (!get_image && !find_functions()))
        return false;
    char path[4000];
    snprintf(path, sizeof path, "%s.ppm", record);
    int bound = 0, width = 0, height = 0;
    get_integer(GL_TEXTURE_BINDING_2D, &bound);
    bind_texture(GL_TEXTURE_2D, texture);
    get_parameter(GL_TEXTURE_2D, 0, GL_TEXTURE_WIDTH, &width);
    get_parameter(GL_TEXTURE_2D, 0, GL_TEXTURE_HEIGHT, &height);
    bool done = false;
    uint8_t *pixels = width > 0 && height > 0 ? malloc((size_t) width * height * 3) : NULL;
    if (pixels) {
        pixel_store(GL_PACK_ALIGNMENT, 1);
        get_image(GL_TEXTURE_2D, 0, GL_RGB, GL_UNSIGNED_BYTE, pixels);
        done = write_picture(path, width, height, pixels);
        free(pixels);
    }
    bind_texture(GL_TEXTURE_2D, (unsigned) bound);
    return done;
}
