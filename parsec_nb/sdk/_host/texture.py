"""An OpenGL texture in the worker, which the SDK takes as a host's picture.

EGL and ctypes alone, so that the worker needs no package: a package for OpenGL would
have to be installed for each interpreter that `python=` may name.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, byref, c_char_p, c_int, c_uint, c_void_p
from typing import Any

from . import messages

# EGL/egl.h and EGL/eglext.h.
_PLATFORM_SURFACELESS = 0x31DD
_OPENGL_API = 0x30A2
_SURFACE_TYPE, _PBUFFER_BIT = 0x3033, 0x0001
_RENDERABLE_TYPE, _OPENGL_BIT = 0x3040, 0x0008
_WIDTH, _HEIGHT, _NONE = 0x3057, 0x3056, 0x3038
# GL/gl.h.
_TEXTURE_2D, _RGBA, _RGBA8, _UNSIGNED_BYTE = 0x0DE1, 0x1908, 0x8058, 0x1401
_MIN_FILTER, _MAG_FILTER, _LINEAR = 0x2801, 0x2800, 0x2601

_EGL: dict[str, tuple[Any, ...]] = {
    "eglBindAPI": (c_uint, c_uint),
    "eglChooseConfig": (c_uint, c_void_p, c_void_p, c_void_p, c_int, c_void_p),
    "eglCreateContext": (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "eglCreatePbufferSurface": (c_void_p, c_void_p, c_void_p, c_void_p),
    "eglGetDisplay": (c_void_p, c_void_p),
    "eglGetError": (c_int,),
    "eglGetPlatformDisplayEXT": (c_void_p, c_uint, c_void_p, c_void_p),
    "eglInitialize": (c_uint, c_void_p, c_void_p, c_void_p),
    "eglMakeCurrent": (c_uint, c_void_p, c_void_p, c_void_p, c_void_p),
}
_SIZE = (c_int, c_int)
_GL: dict[str, tuple[Any, ...]] = {
    "glBindTexture": (None, c_uint, c_uint),
    "glFlush": (None,),
    "glGenTextures": (None, c_int, c_void_p),
    "glGetError": (c_uint,),
    "glTexImage2D": (
        *(None, c_uint, c_int, c_int, *_SIZE, c_int),
        *(c_uint, c_uint, c_void_p),
    ),
    "glTexParameteri": (None, c_uint, c_uint, c_int),
    "glTexSubImage2D": (
        *(None, c_uint, c_int, c_int, c_int, *_SIZE),
        *(c_uint, c_uint, c_void_p),
    ),
}


class Texture:
    """A texture with the newest picture; all calls are made in one thread.

    Attributes:
        name: OpenGL's number of it.

    Raises:
        OSError: This computer has no EGL, or it makes no OpenGL context.
    """

    def __init__(self) -> None:
        try:
            egl = ctypes.CDLL("libEGL.so.1")
        except OSError as error:
            raise OSError(messages.NO_EGL.format(error=error)) from None
        egl.eglGetProcAddress.restype = c_void_p
        egl.eglGetProcAddress.argtypes = (c_char_p,)
        self._functions: dict[str, Any] = {}
        for name, types in {**_EGL, **_GL}.items():
            address = egl.eglGetProcAddress(name.encode())
            if address:
                self._functions[name] = CFUNCTYPE(*types)(address)
        self._make_current()
        number = c_uint()
        self._call("glGenTextures", 1, byref(number))
        self.name = number.value
        self._size = (0, 0)
        self._call("glBindTexture", _TEXTURE_2D, self.name)
        for which in (_MIN_FILTER, _MAG_FILTER):
            self._call("glTexParameteri", _TEXTURE_2D, which, _LINEAR)

    def upload(self, width: int, height: int, address: int) -> None:
        """Take a picture of RGBA bytes, whose first row is the upper one.

        Raises:
            OSError: OpenGL does not take it.
        """
        target = _TEXTURE_2D
        pixels = (_RGBA, _UNSIGNED_BYTE, address)
        if self._size == (width, height):
            self._call("glTexSubImage2D", target, 0, 0, 0, width, height, *pixels)
        else:
            self._call("glTexImage2D", target, 0, _RGBA8, width, height, 0, *pixels)
            self._size = (width, height)
        error = self._call("glGetError")
        if error:
            text = messages.NO_TEXTURE.format(width=width, height=height, error=error)
            raise OSError(text)
        self._call("glFlush")

    def _call(self, name: str, *arguments: object) -> Any:
        return self._functions[name](*arguments)

    def _make_current(self) -> None:
        """Make an OpenGL context for this thread, which needs no display."""
        display = self._display()
        self._call("eglBindAPI", _OPENGL_API)
        wanted = (
            *(_SURFACE_TYPE, _PBUFFER_BIT),
            *(_RENDERABLE_TYPE, _OPENGL_BIT, _NONE),
        )
        config, count = c_void_p(), c_int()
        found = byref(config), 1, byref(count)
        self._call("eglChooseConfig", display, _attributes(*wanted), *found)
        context = self._call("eglCreateContext", display, config, None, None)
        # Some drivers make no context current without a surface.
        size = _attributes(_WIDTH, 1, _HEIGHT, 1, _NONE)
        surface = self._call("eglCreatePbufferSurface", display, config, size)
        if not self._call("eglMakeCurrent", display, surface, surface, context):
            raise OSError(messages.NO_CONTEXT.format(error=self._call("eglGetError")))

    def _display(self) -> int:
        """Return the default display, or one without a screen."""
        display: int | None = self._call("eglGetDisplay", None)
        if display and self._call("eglInitialize", display, None, None):
            return display
        if "eglGetPlatformDisplayEXT" in self._functions:
            surfaceless = _PLATFORM_SURFACELESS, None, None
            display = self._call("eglGetPlatformDisplayEXT", *surfaceless)
            if display and self._call("eglInitialize", display, None, None):
                return display
        raise OSError(messages.NO_DISPLAY.format(error=self._call("eglGetError")))


def _attributes(*numbers: int) -> Any:
    return (c_int * len(numbers))(*numbers)
