"""The sentences that those who host read."""

from __future__ import annotations

# In place of those for a guest.
STATUS_LINES = {
    "starting": "Starting the SDK to host {host}…",
    "connecting": "Starting to host {host}…",
    "connected": (
        "Hosting {host}. The SDK does not tell whether guests can reach it: look at "
        "its log."
    ),
    "disconnected": "{host} is no longer hosted. {error}",
    "failed": "{host} is not hosted. {error}",
}
NOT_CONNECTED = (
    "Nothing is hosted yet: the status is {status}. Wait with await host, or with "
    "host.result()."
)
DISCONNECTED = "Hosting was ended here. Host again with sdk.host()."
CONNECT_TIMEOUT = (
    "Hosting did not start within {seconds:g} s. Host again; sdk.diagnose() checks the "
    "library and OpenSSL."
)
STILL_CONNECTING = (
    "Nothing is hosted yet: the status is {status}. It goes on starting; wait longer, "
    "or call stop()."
)

# Sessions.
HOST_SESSION_INVALID = (
    "Parsec no longer accepts the session, so that hosting ended. Log in again: "
    "session = await parsec_nb.login(fresh=True), and host again. With "
    "on_invalid_session=, hosting goes on with a new session."
)
NO_NEW_SESSION = (
    "on_invalid_session must return a Session, not {kind}, so that hosting ended. Host "
    "again, with a function that returns one."
)
RENEWAL_FAILED = (
    "on_invalid_session raised {kind}, so that hosting ended. Log in again, and host "
    "again."
)
SHARE_TEXT = """{name}
Peer ID: {peer_id}
Secret: {secret}
In a notebook: await sdk.connect(session, "{peer_id}", secret="{secret}")"""
UNKNOWN_PEER_ID = "(not known: a session of parsec_nb.login() tells it)"

# Arguments.
NOT_A_PICTURE = (
    "A picture is a numpy array of uint8, not of {kind}. An array of floats from 0 to "
    "1 becomes one by (255 * array).astype(np.uint8)."
)
BAD_SHAPE = (
    "A picture is height x width x 3 (RGB) or x 4 (RGBA), and this array's shape is "
    "{shape}. Give it that shape."
)
BAD_SIZE = (
    "A picture's width and height are even, and from 2 to {most}; this one is "
    "{width}x{height}. Cut off a row or a column, or make it smaller."
)
PICTURES_TOO_BIG = (
    "Pictures of this size need {megabytes} MB of shared memory, and there is less. "
    "Enlarge /dev/shm (in Docker: --shm-size=256m), or submit smaller ones."
)
BAD_RATE = "rate={rate!r} must be a whole number of samples a second, 8000 to 192000."
NOT_A_SOUND = (
    "A sound is a numpy array of int16 or float32, not of {kind}. array.astype("
    "np.float32) makes one of float64."
)
BAD_SOUND_SHAPE = (
    "A sound is an array of samples, or of samples x 1 or 2 channels; this array's "
    "shape is {shape}."
)
SOUND_TOO_LONG = (
    "A sound is at most 10 s long, and this one {seconds:.1f} s. Submit it in parts."
)
NOT_A_FORCE = "{name}={force!r} must be a whole number from 0 to 255."
NO_GAME_NAME = "name must say what guests see, such as name='Pong'."
BAD_GAME_ID = "game_id={game_id!r} must be what Parsec issued: letters and digits."
NOT_A_HOST_TEXT = "{name} must be a text without NUL."
HOST_TEXT_TOO_LONG = "{name} must have at most {most} bytes in UTF-8. Make it shorter."
NOT_A_COUNT = "{name}={number!r} must be a whole number from 1 to {most}."
UNUSABLE_GAME_SHARE = (
    "secret must be a text of {least} to {most} ASCII characters. Leave it out, and "
    "one is made."
)
NOT_CALLABLE = (
    "on_invalid_session={it!r} must be a function without arguments that returns a "
    "Session."
)
HOSTS_ON_LINUX_ONLY = (
    "Hosting with Parsec's library is supported on Linux only. The simulated SDK hosts "
    "everywhere: parsec_nb.login(demo=True)."
)

# OpenGL.
NO_OPENGL = (
    "Hosting needs OpenGL, and {detail}. Install libEGL and a driver; Mesa's is enough "
    "(on Debian and Ubuntu: apt install libegl1 libgl1-mesa-dri)."
)
NO_EGL = "there is no libEGL.so.1 ({error})"
NO_DISPLAY = "EGL has no display ({error:#x})"
NO_CONTEXT = "EGL makes no OpenGL context ({error:#x})"
NO_TEXTURE = "OpenGL takes no picture of {width}x{height} ({error:#x})"
