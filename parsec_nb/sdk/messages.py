"""The sentences that users of the SDK read, but for those of the status codes."""

from __future__ import annotations

# Status codes.
WSA_ERROR = "Windows error {number}"
SSL_ERROR = "SSL error {number}"
UNKNOWN_STATUS = (
    "The SDK reported a status that its version 6.0 does not document.",
    "Connect again.",
)

# Input.
UNKNOWN_KEY = "There is no key {name!r}. Known keys: {known}."
NO_KEY = 'press() needs at least one key, such as press("enter").'
NOT_A_TEXT = "type() needs a text, not {value!r}."
NOT_TYPABLE = (
    "A US keyboard cannot type {characters}. Use press() with names of keys, or "
    "send_text() for a message to the host's program."
)
UNKNOWN_BUTTON = "There is no mouse button {name!r}. Known buttons: {known}."
UNKNOWN_PAD_BUTTON = "There is no gamepad button {name!r}. Known buttons: {known}."
UNKNOWN_AXIS = "There is no gamepad axis {name!r}. Known axes: {known}."
NOT_AN_AXIS_VALUE = "An axis takes a number from -1.0 to 1.0, not {value!r}."
UNKNOWN_STREAM = "stream={stream!r} is not known: a host has the video streams 0 and 1."
NOT_A_NUMBER = "{name}={value!r} is not a number that the SDK can take."
NOT_A_FLAG = "{name}={value!r} must be True or False."
NOT_A_TIMEOUT = "timeout={value!r} must be a number of seconds, 0 or more."
OUT_OF_RANGE = "{name}={value!r} must be a number above 0, and at most {most:g}."

# Frames and sound.
FRAME_RELEASED = "This frame was released. Read another one with client.frame()."
UNREADABLE_FRAME = (
    "{frame} cannot be read: its format is unknown, or it has fewer bytes than its "
    "size needs. Read another one with client.frame()."
)
MISSING_PACKAGE = (
    "{name} is needed, and cannot be imported ({error}). Install it with "
    "pip install {name}."
)

# Connections.
DISCONNECTED = "The connection was ended here. Connect again with sdk.connect()."
NOT_CONNECTED = (
    "There is no connection yet: its status is {status}. Wait for it with "
    "await client, or with client.result()."
)
CONNECT_TIMEOUT = (
    "There was no connection within {seconds:g} s. Check that the host is online, and "
    "connect again, or pass a longer timeout=."
)
HOST_ENDED = (
    "The host ended the connection. Connect again if the host is still online. "
    "({name}, {code})"
)
WORKER_FAULT = (
    "The process that runs the SDK had a fault: {text}. Connect again; if it happens "
    "again, report it."
)
WORKER_CRASHED = (
    "{ended} The notebook is not affected. The last output of the process: {tail}. "
    "sdk.diagnose() checks the library and OpenSSL."
)
NO_LAST_WORDS = "none"
FRAMES_TOO_BIG = (
    "Frames of this size need {megabytes} MB of shared memory, and there is less. "
    "Enlarge /dev/shm (in Docker: --shm-size=256m), or choose a smaller resolution at "
    "the host."
)
REFUSALS = {
    "load": "The SDK's library cannot be loaded: {detail}. sdk.diagnose() checks it.",
    "function": (
        "The library has no function {detail}, so it is not Parsec's SDK 6.0. Use the "
        "library of SDK 6.0 for this system."
    ),
    "version": (
        "The library is version {detail} of the SDK, and 6.0 is needed. Use the "
        "library of SDK 6.0 for this system."
    ),
    "init": "The SDK did not start: {detail}.",
    "openssl": (
        "The SDK needs OpenSSL 1.1, which cannot be loaded: {detail}. Pass "
        "openssl=, or set PARSEC_OPENSSL_PATH; sdk.diagnose() tells how to get it."
    ),
    "memory": "Shared memory for frames cannot be opened: {detail}.",
    "simulated": (
        "The simulated SDK did not start: {detail}. Log in to the simulator again."
    ),
}

# The client.
NOT_PICKLED = (
    "A connection cannot be pickled or copied, because its process stays here. Share "
    "the object itself."
)
STILL_CONNECTING = (
    "The client is not connected yet: its status is {status}. It goes on connecting; "
    "wait longer, or call disconnect()."
)
NO_FRAME = (
    "No frame arrived within {seconds:g} s. The host may show nothing new, or have "
    "paused the video; look at client.metrics()."
)
NOT_SENDABLE = (
    "send_text() needs a text of at most 1,000 characters, without NUL and without "
    "halves of surrogate pairs."
)
RECORDING_TOO_BIG = (
    "This recording would need {gigabytes:.1f} GB of memory, and 1 GB is allowed. Pass "
    "fewer seconds, or a lower fps=."
)
UNKNOWN_FILE_KIND = (
    "{name} must end in .mp4 (frames and sound) or in .wav (the sound alone)."
)

# connect().
NOT_A_SESSION = (
    "session must be a Session or a session ID, not {kind}. Log in first: "
    "session = await parsec_nb.login()."
)
SESSION_EXPIRED = (
    "The session has expired. Log in again: "
    "session = await parsec_nb.login(fresh=True)."
)
NOT_A_HOST = (
    "host={host!r} must be one of session.hosts(), or the peer ID of a host: letters "
    "and digits."
)
UNKNOWN_DECODER = 'decoder={decoder!r} is not known. Use "software" or "hardware".'
UNUSABLE_SHARE = (
    "secret must be a text of at most {length} ASCII characters: what the host's owner "
    "shared."
)
BAD_SIGNAL_HOST = (
    "signal_host={name!r} is not a host name. Leave it out, or pass a name such as "
    '"kessel-ws.parsec.app", without https://.'
)
NO_SUCH_PYTHON = (
    "python={python!r} is not a program. Pass the path of another Python interpreter."
)

# The status line.
STATUS_LINES = {
    "starting": "Starting the SDK for {host}…",
    "connecting": "Connecting to {host}…",
    "waiting_for_approval": (
        "{host} asks for an approval. Have somebody allow the connection there."
    ),
    "connected": "Connected to {host}.",
    "disconnected": "Disconnected from {host}. {error}",
    "failed": "Not connected to {host}. {error}",
}
WAITING_AT_SIMULATOR = (
    "{host} asks for an approval. Allow it here, or on the simulator's page."
)
RETRYING = "The connection to {host} failed. Trying again in {delay:g} s…"
ALLOW = "Allow"
DECLINE = "Decline"
RECORDING = "Recording: {done:.1f} of {seconds:g} s"
RECORDED = "Recorded {done:g} s."
RECORDING_ENDED = "The recording ended after {done:.1f} of {seconds:g} s."
# The worker process.
NO_MEMORY = (
    "No memory can be shared with another process: {error}. Make room in /dev/shm or in"
    " the temporary folder."
)
NO_WORKER = (
    "No process can be started for Parsec's SDK: {error}. If you gave python=, give the"
    " path of a Python interpreter, of version 3.10 or later."
)
NO_THREAD = "No thread can be started for Parsec's SDK: end some, and connect again."
NO_REPLY = (
    "The process with Parsec's SDK did not reply to {do!r} in {seconds:g} seconds."
    " Disconnect, and connect again."
)
EXIT_STATUS = "exit status {number}"
WORKER_ENDED = "The process with Parsec's SDK has ended ({how}). Connect again."
WORKER_LEFT = "The connection was ended. Connect again."
WORKER_FORKED = "The connection belongs to the process that was forked. Connect again."
LOG_LINES_LEFT_OUT = "More lines came in this second; they are left out."
# The view.
BAD_FPS = "fps={fps!r} must be a number from 1 to {most}."
VIEW_WAS_HERE = "Live view of {host}, which is not saved."
VIEW_WITHOUT_ANYWIDGET = (
    "The picture has no input, and at most 15 frames a second, because anywidget is "
    "missing: pip install anywidget, and restart the kernel."
)
# In the browser.
VIEW_TEXTS = {
    "name": "Live view of {host}",
    "screen": "Screen of {host}. Press Enter to send input, Escape to stop.",
    "off": "Input is off. Click into the picture, or press Enter on it, to send input.",
    "on": "Input is on: keys, mouse and gamepads go to {host}. Escape gives them back.",
    "caught": (
        "Input is on, and the mouse is caught: it goes to {host}. Escape gives it back."
    ),
    "catch": "Input is on. Click into the picture to let {host} catch the mouse.",
    "watching": "This view takes no input.",
    "waiting": "Waiting for a picture…",
    "lost": (
        "The kernel was restarted or has ended, and the connection with it. Run the "
        "notebook again, from its first cell."
    ),
    "sound": "Sound",
    # A number and its unit stay in one line.
    "figures": (
        "{fps}\xa0frames/s · delay\xa0{delay}\xa0ms · {bitrate}\xa0Mbit/s · "
        "{resent}\xa0% sent again"
    ),
    "failing": "network failure",
}
