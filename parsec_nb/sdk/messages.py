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
NOT_SENDABLE = "send_text() needs a text of at most 1,000 characters without NUL."
OUT_OF_RANGE = "{name}={value!r} must be a number above 0, and at most {most:g}."
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
BAD_TIMEOUT = "timeout={timeout!r} must be a number of seconds, above 0, at most 3600."
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
# Finding the library, and refusing a file.
NO_LIBRARY = (
    "No library of Parsec's SDK is set. Pass library='…/libparsec.so', or set "
    "PARSEC_SDK_PATH to its path. Parsec gives it to developers; parsec_nb neither has "
    "it nor fetches it. parsec_nb.login(demo=True) needs none."
)
NOT_A_PATH = "{name}={value!r} is not a path. Pass a str or a pathlib.Path."
NO_FILE = "{source}: there is no file {path}. Check the path."
UNREADABLE = "{source}: {path} cannot be read ({reason}). Check who may read it."
NOT_A_FILE = "{source}: {path} is not a regular file. Pass the path of a file."
NO_LIBRARY_IN_FOLDER = (
    "{source}: the folder {path} holds no library whose name contains 'parsec'. Pass "
    "the path of the SDK's library itself."
)
LIBRARIES_IN_FOLDER = (
    "{source}: the folder {path} holds several libraries: {names}. Pass the path of "
    "one of them."
)
NOT_A_LIBRARY = (
    "{path} is not a library but {kind}. Take the SDK's library for {system}, "
    "{architecture}."
)
WRONG_SYSTEM = (
    "{path} is a library for {file}, but this is {system}. Take the SDK's library for "
    "{system}, {architecture}."
)
WRONG_ARCHITECTURE = (
    "{path} is a library for {file}, but {python} is for {architecture}. Take the "
    "SDK's library for {architecture}, or pass python='…', the path of a Python for "
    "{file}."
)
NO_PYTHON = "There is no program python={python!r}. Pass the path of a Python."
BITS = "{architecture} ({bits} bits)"
THIS_PYTHON = "this Python"
THAT_PROCESSOR = "the processor of that Python"

# What a file is.
EMPTY = "an empty file"
TRUNCATED = "the beginning of a library ({format}), which was not copied wholly"
PROGRAM = "a program ({format})"
TEXT = "a text file"
HTML = "an HTML page, as a browser saves instead of a file that needs a login"
ARCHIVE = "an archive ({format}), which has to be unpacked first"
STATIC_LIBRARY = "a static library, which Python cannot load"
LFS_POINTER = "a pointer of Git LFS, which `git lfs pull` replaces"
JAVA_CLASS = "a Java class"
UNKNOWN_FILE = "a file of an unknown kind"

# OpenSSL.
NO_OPENSSL = (
    "Parsec's SDK needs OpenSSL 1.1 to connect, and the system's folders have none for "
    "{architecture}. It is out of support, so keep it apart: unpack the package "
    "libssl1.1 of Debian 11 into a folder, and pass openssl='…', the folder that holds "
    "libcrypto.so.1.1 and libssl.so.1.1, or set PARSEC_OPENSSL_PATH to it."
)
NO_OPENSSL_THERE = (
    "{source}: {path} is neither libcrypto.so.1.1 nor a folder that holds it. Pass the "
    "folder that holds libcrypto.so.1.1 and libssl.so.1.1."
)
NO_SSL_BESIDE = (
    "{source}: {path} is there, but {missing} is not beside it. Both are in the "
    "package libssl1.1 of Debian 11."
)
OPENSSL_UNFIT = "{source}: {path} is {what}. Take OpenSSL 1.1 for {architecture}."
FOR_PROCESSOR = "for {architecture}"

# The diagnosis.
DIAGNOSIS_COLUMNS = ("what", "found", "what to do")
NOT_FOUND = "not found"
NOT_USABLE = "cannot be used"
NOT_INSTALLED = "not installed"
NOT_ASKED = "not known"
LIBRARY_FOUND = "{path} (from {source})"
LIBRARY_FILE = "{format}, {architectures}, {size:.1f} MB"
LIBRARY_LACKS_FUNCTIONS = "{version}, without {names}"
TAKE_VERSION_6 = "Take version 6.0 of the SDK, which has all functions."
NO_LOAD = "The system cannot load it: {reason}. Install the library that this names."
ENDS_PROCESS = "The library ended the process that loaded it (exit status {status})."
HANGS = "The library did not load within {seconds:.0f} s."
NOT_PARSEC = "The library lacks ParsecVersion, so that it is not the SDK's."
TAKE_ANOTHER = "{reason} Take another copy of the SDK's library."
NO_PROCESS = "No process can be started ({reason}), and the SDK needs one."
OPENSSL_FOUND = "{version}: {crypto}"
INSTALL = "pip install {distribution}"
INSTALL_NEEDED = "parsec_nb.sdk needs it: pip install {distribution}"
USE_NUMPY = "frames and sound as arrays"
USE_ANYWIDGET = "the view, with input"
USE_SIMPLEJPEG = "the view's pictures"
USE_OPENCV = "quicker colours"
USE_PILLOW = "Frame.to_image()"
USE_PYAV = "recordings as .mp4"
USE_PANDAS = "tables of the history"
EXTRA = "{found}; for {use}"
