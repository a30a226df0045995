/* The ABI of libparsec 6.0: constants, enums, structs, functions.
 *
 * Written from the fact sheet on the ABI alone, independently of the Python declarations,
 * so that a mistake in either shows as a difference. Needs no hosted C library. */
#ifndef LIBPARSEC_H
#define LIBPARSEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_NAME_LEN 32
#define EXTERNAL_ID_LEN 64
#define HOST_NAME_LEN 256
#define HOST_DESC_LEN 512
#define HOST_SECRET_LEN 32
#define OUTPUT_ID_LEN 64
#define OUTPUT_NAME_LEN 256
#define ADAPTER_NAME_LEN 256
#define GAME_ID_LEN 72
#define NUM_VSTREAMS 2
#define DEFAULT_STREAM 0
#define DECODER_NAME_LEN 16
#define PARSEC_VER_MAJOR 6
#define PARSEC_VER_MINOR 0
#define PARSEC_VER 393216

typedef int32_t ParsecLogLevel;
enum {
    LOG_INFO = 105, LOG_DEBUG = 100,
};

typedef int32_t ParsecKeycode;
enum {
    KEY_A = 4, KEY_B = 5, KEY_C = 6, KEY_D = 7, KEY_E = 8, KEY_F = 9, KEY_G = 10, KEY_H = 11,
    KEY_I = 12, KEY_J = 13, KEY_K = 14, KEY_L = 15, KEY_M = 16, KEY_N = 17, KEY_O = 18,
    KEY_P = 19, KEY_Q = 20, KEY_R = 21, KEY_S = 22, KEY_T = 23, KEY_U = 24, KEY_V = 25,
    KEY_W = 26, KEY_X = 27, KEY_Y = 28, KEY_Z = 29, KEY_1 = 30, KEY_2 = 31, KEY_3 = 32,
    KEY_4 = 33, KEY_5 = 34, KEY_6 = 35, KEY_7 = 36, KEY_8 = 37, KEY_9 = 38, KEY_0 = 39,
    KEY_ENTER = 40, KEY_ESCAPE = 41, KEY_BACKSPACE = 42, KEY_TAB = 43, KEY_SPACE = 44,
    KEY_MINUS = 45, KEY_EQUALS = 46, KEY_LBRACKET = 47, KEY_RBRACKET = 48, KEY_BACKSLASH = 49,
    KEY_SEMICOLON = 51, KEY_APOSTROPHE = 52, KEY_BACKTICK = 53, KEY_COMMA = 54, KEY_PERIOD = 55,
    KEY_SLASH = 56, KEY_CAPSLOCK = 57, KEY_F1 = 58, KEY_F2 = 59, KEY_F3 = 60, KEY_F4 = 61,
    KEY_F5 = 62, KEY_F6 = 63, KEY_F7 = 64, KEY_F8 = 65, KEY_F9 = 66, KEY_F10 = 67, KEY_F11 = 68,
    KEY_F12 = 69, KEY_PRINTSCREEN = 70, KEY_SCROLLLOCK = 71, KEY_PAUSE = 72, KEY_INSERT = 73,
    KEY_HOME = 74, KEY_PAGEUP = 75, KEY_DELETE = 76, KEY_END = 77, KEY_PAGEDOWN = 78,
    KEY_RIGHT = 79, KEY_LEFT = 80, KEY_DOWN = 81, KEY_UP = 82, KEY_NUMLOCK = 83,
    KEY_KP_DIVIDE = 84, KEY_KP_MULTIPLY = 85, KEY_KP_MINUS = 86, KEY_KP_PLUS = 87,
    KEY_KP_ENTER = 88, KEY_KP_1 = 89, KEY_KP_2 = 90, KEY_KP_3 = 91, KEY_KP_4 = 92,
    KEY_KP_5 = 93, KEY_KP_6 = 94, KEY_KP_7 = 95, KEY_KP_8 = 96, KEY_KP_9 = 97, KEY_KP_0 = 98,
    KEY_KP_PERIOD = 99, KEY_APPLICATION = 101, KEY_F13 = 104, KEY_F14 = 105, KEY_F15 = 106,
    KEY_F16 = 107, KEY_F17 = 108, KEY_F18 = 109, KEY_F19 = 110, KEY_MENU = 118, KEY_MUTE = 127,
    KEY_VOLUMEUP = 128, KEY_VOLUMEDOWN = 129, KEY_LCTRL = 224, KEY_LSHIFT = 225, KEY_LALT = 226,
    KEY_LGUI = 227, KEY_RCTRL = 228, KEY_RSHIFT = 229, KEY_RALT = 230, KEY_RGUI = 231,
    KEY_AUDIONEXT = 258, KEY_AUDIOPREV = 259, KEY_AUDIOSTOP = 260, KEY_AUDIOPLAY = 261,
    KEY_AUDIOMUTE = 262, KEY_MEDIASELECT = 263,
};

typedef int32_t ParsecKeymod;
enum {
    MOD_NONE = 0, MOD_LSHIFT = 1, MOD_RSHIFT = 2, MOD_LCTRL = 64, MOD_RCTRL = 128,
    MOD_LALT = 256, MOD_RALT = 512, MOD_LGUI = 1024, MOD_RGUI = 2048, MOD_NUM = 4096,
    MOD_CAPS = 8192,
};

typedef int32_t ParsecMouseButton;
enum {
    MOUSE_L = 1, MOUSE_MIDDLE = 2, MOUSE_R = 3, MOUSE_X1 = 4, MOUSE_X2 = 5,
};

typedef int32_t ParsecGamepadButton;
enum {
    GAMEPAD_BUTTON_A = 0, GAMEPAD_BUTTON_B = 1, GAMEPAD_BUTTON_X = 2, GAMEPAD_BUTTON_Y = 3,
    GAMEPAD_BUTTON_BACK = 4, GAMEPAD_BUTTON_GUIDE = 5, GAMEPAD_BUTTON_START = 6,
    GAMEPAD_BUTTON_LSTICK = 7, GAMEPAD_BUTTON_RSTICK = 8, GAMEPAD_BUTTON_LSHOULDER = 9,
    GAMEPAD_BUTTON_RSHOULDER = 10, GAMEPAD_BUTTON_DPAD_UP = 11, GAMEPAD_BUTTON_DPAD_DOWN = 12,
    GAMEPAD_BUTTON_DPAD_LEFT = 13, GAMEPAD_BUTTON_DPAD_RIGHT = 14, GAMEPAD_BUTTON_MAX = 15,
};

typedef int32_t ParsecGamepadState;
enum {
    GAMEPAD_STATE_DPAD_UP = 1, GAMEPAD_STATE_DPAD_DOWN = 2, GAMEPAD_STATE_DPAD_LEFT = 4,
    GAMEPAD_STATE_DPAD_RIGHT = 8, GAMEPAD_STATE_START = 16, GAMEPAD_STATE_BACK = 32,
    GAMEPAD_STATE_LEFT_THUMB = 64, GAMEPAD_STATE_RIGHT_THUMB = 128,
    GAMEPAD_STATE_LEFT_SHOULDER = 256, GAMEPAD_STATE_RIGHT_SHOULDER = 512,
    GAMEPAD_STATE_GUIDE = 1024, GAMEPAD_STATE_A = 4096, GAMEPAD_STATE_B = 8192,
    GAMEPAD_STATE_X = 16384, GAMEPAD_STATE_Y = 32768,
};

typedef int32_t ParsecGamepadAxis;
enum {
    GAMEPAD_AXIS_LX = 0, GAMEPAD_AXIS_LY = 1, GAMEPAD_AXIS_RX = 2, GAMEPAD_AXIS_RY = 3,
    GAMEPAD_AXIS_TRIGGERL = 4, GAMEPAD_AXIS_TRIGGERR = 5, GAMEPAD_AXIS_MAX = 6,
};

typedef int32_t ParsecMessageType;
enum {
    MESSAGE_KEYBOARD = 1, MESSAGE_MOUSE_BUTTON = 2, MESSAGE_MOUSE_WHEEL = 3,
    MESSAGE_MOUSE_MOTION = 4, MESSAGE_GAMEPAD_BUTTON = 5, MESSAGE_GAMEPAD_AXIS = 6,
    MESSAGE_GAMEPAD_UNPLUG = 7, MESSAGE_GAMEPAD_STATE = 8, MESSAGE_RELEASE = 9,
};

typedef int32_t ParsecColorFormat;
enum {
    FORMAT_UNKNOWN = 0, FORMAT_NV12 = 1, FORMAT_I420 = 2, FORMAT_NV16 = 3, FORMAT_I422 = 4,
    FORMAT_BGRA = 5, FORMAT_RGBA = 6, FORMAT_I444 = 7,
};

typedef int32_t ParsecRotation;
enum {
    ROTATION_UNKNOWN = 0, ROTATION_NONE = 1, ROTATION_90 = 2, ROTATION_180 = 3, ROTATION_270 = 4,
};

typedef int32_t ParsecProtocol;
enum {
    PROTO_MODE_BUD = 1, PROTO_MODE_SCTP = 2,
};

typedef int32_t ParsecContainer;
enum {
    CONTAINER_PARSEC = 0, CONTAINER_MP4 = 2,
};

typedef int32_t ParsecPCMFormat;
enum {
    PCM_FORMAT_FLOAT = 1, PCM_FORMAT_INT16 = 2,
};

typedef int32_t ParsecGuestState;
enum {
    GUEST_WAITING = 1, GUEST_CONNECTING = 2, GUEST_CONNECTED = 4, GUEST_DISCONNECTED = 8,
    GUEST_FAILED = 16,
};

typedef int32_t ParsecHostMode;
enum {
    HOST_NONE = 0, HOST_DESKTOP = 1, HOST_GAME = 2,
};

typedef int32_t ParsecGamepadType;
enum {
    GAMEPAD_TYPE_X360 = 1, GAMEPAD_TYPE_DS4 = 2,
};

typedef int32_t ParsecHostEventType;
enum {
    HOST_EVENT_GUEST_STATE_CHANGE = 1, HOST_EVENT_USER_DATA = 2,
    HOST_EVENT_INVALID_SESSION_ID = 4,
};

typedef int32_t ParsecClientEventType;
enum {
    CLIENT_EVENT_CURSOR = 1, CLIENT_EVENT_RUMBLE = 2, CLIENT_EVENT_USER_DATA = 3,
    CLIENT_EVENT_BLOCKED = 4, CLIENT_EVENT_UNBLOCKED = 5, CLIENT_EVENT_STREAM = 6,
};

typedef int32_t ParsecStatus;
enum {
    PARSEC_OK = 0, HOST_WRN_SHUTDOWN = 4, HOST_WRN_KICKED = 5, CONNECT_WRN_APPROVAL = 6,
    CONNECT_WRN_DECLINED = 8, CONNECT_WRN_CANCELED = 9, WRN_CONTINUE = 10,
    CONNECT_WRN_NO_ROOM = 11, PARSEC_CONNECTING = 20, PARSEC_WRN_BROWSER = 30,
    CONNECT_WRN_PEER_GONE = 99, CONNECT_WRN_UNCONFIRMED = 100, CONNECT_WRN_NO_PERMISSION = 112,
    ALINK_WRN_INVALID = 200, ALINK_WRN_INACTIVE = 201, ALINK_WRN_EXPIRED = 202,
    ALINK_WRN_NOT_STARTED = 203, ALINK_WRN_TEAM_INVALID = 204, DECODE_WRN_CONTINUE = 1000,
    DECODE_WRN_ACCEPTED = 1001, DECODE_WRN_REINIT = 1003, NETWORK_WRN_TIMEOUT = 2000,
    AUDIO_WRN_NO_DATA = 6000, ERR_DEFAULT = -1, PARSEC_NOT_RUNNING = -3,
    PARSEC_ALREADY_RUNNING = -4, PARSEC_NOT_IMPLEMENTED = -5, PARSEC_ERR_PRE_RENDER = -6,
    DECODE_ERR_INIT = -10, DECODE_ERR_LOAD = -11, DECODE_ERR_MAP = -13, DECODE_ERR_DECODE = -14,
    DECODE_ERR_CLEANUP = -15, DECODE_ERR_PARSE = -16, DECODE_ERR_NO_SUPPORT = -17,
    DECODE_ERR_PIXEL_FORMAT = -18, DECODE_ERR_BUFFER = -19, DECODE_ERR_RESOLUTION = -20,
    DECODE_ERR_OUT_OF_RANGE = -21, DECODE_ERR_DEPENDENCY = -22, DECODE_ERR_SYMBOL = -23,
    WS_ERR_READ = -3002, WS_ERR_WRITE = -3003, WS_ERR_AUTH = -3008, WS_ERR_GOING_AWAY = -3009,
    WS_ERR_TEAM_DEACTIVATED = -3010, NAT_ERR_PEER_PHASE = -6023, NAT_ERR_STUN_PHASE = -6024,
    NAT_ERR_INTEGRITY = -6025, NAT_ERR_NO_CANDIDATES = -6033, WS_ERR_CONNECT = -6101,
    WS_ERR_CLOSE = -6105, WS_ERR_INVALID_MSG = -6106, NAT_ERR_JSON_ACTION = -6111,
    NAT_ERR_NO_SOCKET = -6112, NAT_ERR_WEBRTC = -6200, OPENGL_ERR_CONTEXT = -7000,
    OPENGL_ERR_SHARE = -7001, OPENGL_ERR_PIXFORMAT = -7002, OPENGL_ERR_CURRENT = -7003,
    OPENGL_ERR_DC = -7004, OPENGL_ERR_SHADER = -7005, OPENGL_ERR_PROGRAM = -7006,
    OPENGL_ERR_VERSION = -7007, OPENGL_ERR_TEXTURE = -7008, JSON_ERR_PARSE = -8000,
    AUDIO_ERR_CAPTURE_INIT = -9000, AUDIO_ERR_CAPTURE = -9001, AUDIO_ERR_NETWORK = -9002,
    AUDIO_ERR_FREE = -9003, AUDIO_OPUS_ERR_INIT = -10000, AUDIO_OPUS_ERR_DECODE = -10001,
    AUDIO_OPUS_ERR_ENCODE = -10002, NETWORK_ERR_BG_TIMEOUT = -12007,
    NETWORK_ERR_BAD_PACKET = -12008, NETWORK_ERR_BUFFER = -12011, NETWORK_ERR_SHUTDOWN = -12017,
    NETWORK_ERR_UNSUPPORTED = -12018, NETWORK_ERR_INTERRUPTED = -12019,
    SERVER_ERR_DISPLAY = -13000, SERVER_ERR_RESOLUTION = -13008,
    SERVER_ERR_MAX_RESOLUTION = -13009, SERVER_ERR_NO_USER = -13011,
    SERVER_ERR_VIDEO_DONE = -13013, SERVER_ERR_CLIENT_ABORT = -13014,
    SERVER_ERR_CLIENT_GONE = -13015, CAPTURE_ERR_INIT = -14003, CAPTURE_ERR_TEXTURE = -14004,
    CAPTURE_ERR_INVALID = -14005, ENCODE_ERR_INIT = -15000, ENCODE_ERR_ENCODE = -15002,
    ENCODE_ERR_BUFFER = -15006, ENCODE_ERR_SESSION = -15007, ENCODE_ERR_PROPERTIES = -15100,
    ENCODE_ERR_LIBRARY = -15101, ENCODE_ERR_SESSION1 = -15103, ENCODE_ERR_SESSION2 = -15104,
    ENCODE_ERR_OUTPUT_INIT = -15105, ENCODE_ERR_TEXTURE = -15106, ENCODE_ERR_OUTPUT = -15107,
    ENCODE_ERR_UNSUPPORTED = -15108, ENCODE_ERR_HANDLE = -15109, ENCODE_ERR_CAPS = -15110,
    UPNP_ERR = -19000, D3D_ERR_TEXTURE = -22000, D3D_ERR_SHADER = -22001,
    D3D_ERR_BUFFER = -22002, D3D_ERR_LAYOUT = -22003, D3D_ERR_DEVICE = -22004,
    D3D_ERR_MT = -22005, D3D_ERR_ADAPTER = -22006, D3D_ERR_FACTORY = -22007,
    D3D_ERR_OUTPUT = -22008, D3D_ERR_CONTEXT = -22009, D3D_ERR_OUTPUT1 = -22010,
    D3D_ERR_SWAP_CHAIN = -22011, D3D_ERR_DRAW = -22012, D3D_ERR_OUTPUT5 = -22013,
    H26X_ERR_NOT_FOUND = -23000, AES_GCM_ERR_KEY_LEN = -28000, AES_GCM_ERR_BUFFER = -28004,
    SCTP_ERR_GLOBAL_INIT = -32000, SCTP_ERR_WRITE = -32001, SCTP_ERR_SOCKET = -32002,
    SCTP_ERR_BIND = -32003, SCTP_ERR_CONNECT = -32004, STUN_ERR_PACKET = -34000,
    STUN_ERR_PARSE_HEADER = -34001, STUN_ERR_PARSE_ADDRESS = -34002, SO_ERR_OPEN = -35000,
    SO_ERR_SYMBOL = -35001, PARSEC_ERR_VERSION = -36000, PARSEC_ERR_VER_DATA = -36001,
    RESAMPLE_ERR_INIT = -37000, RESAMPLE_ERR_RESAMPLE = -37001,
    UNITY_UNSUPPORTED_ENGINE = -38000, METAL_ERR_INIT = -39000, METAL_ERR_PIXEL_FORMAT = -39001,
    RPI_ERR_MEM_SPLIT = -40000, OPENSSL_ERR = -600000, SOCKET_ERR = -800000,
};

typedef struct {
    int32_t upnp;
    int32_t clientPort;
    int32_t hostPort;
} ParsecConfig;

typedef struct {
    ParsecColorFormat format;
    ParsecRotation rotation;
    uint32_t size;
    uint32_t width;
    uint32_t height;
    uint32_t fullWidth;
    uint32_t fullHeight;
} ParsecFrame;

typedef struct {
    int32_t left;
    int32_t top;
    int32_t right;
    int32_t bottom;
} ParsecRect;

typedef struct {
    ParsecRect coords;
    uint32_t adapterIndex;
    uint32_t outputIndex;
    char name[256];
    char adapterName[256];
    char device[64];
    char id[64];
} ParsecOutput;

typedef struct {
    uint32_t size;
    uint32_t positionX;
    uint32_t positionY;
    uint16_t width;
    uint16_t height;
    uint16_t hotX;
    uint16_t hotY;
    bool hidden;
    bool imageUpdate;
    bool relative;
    uint8_t stream;
} ParsecCursor;

typedef struct {
    bool gamepad;
    bool keyboard;
    bool mouse;
    uint8_t __pad[1];
} ParsecPermissions;

typedef struct {
    uint32_t packetsSent;
    uint32_t fastRTs;
    uint32_t slowRTs;
    uint32_t queuedFrames;
    float encodeLatency;
    float decodeLatency;
    float networkLatency;
    float bitrate;
} ParsecMetrics;

typedef struct {
    ParsecPermissions perms;
    ParsecMetrics metrics[2];
    ParsecGuestState state;
    uint32_t id;
    uint32_t userID;
    char name[32];
    char externalID[64];
    bool owner;
    uint8_t __pad[3];
} ParsecGuest;

typedef struct {
    ParsecKeycode code;
    ParsecKeymod mod;
    bool pressed;
    uint8_t __pad[3];
} ParsecKeyboardMessage;

typedef struct {
    ParsecMouseButton button;
    bool pressed;
    uint8_t __pad[3];
} ParsecMouseButtonMessage;

typedef struct {
    int32_t x;
    int32_t y;
} ParsecMouseWheelMessage;

typedef struct {
    int32_t x;
    int32_t y;
    bool relative;
    bool scaleRelative;
    uint8_t stream;
    uint8_t __pad[1];
} ParsecMouseMotionMessage;

typedef struct {
    ParsecGamepadButton button;
    uint32_t id;
    bool pressed;
    uint8_t __pad[3];
} ParsecGamepadButtonMessage;

typedef struct {
    ParsecGamepadAxis axis;
    uint32_t id;
    int16_t value;
    uint8_t __pad[2];
} ParsecGamepadAxisMessage;

typedef struct {
    uint32_t id;
} ParsecGamepadUnplugMessage;

typedef struct {
    uint32_t id;
    uint16_t buttons;
    int16_t thumbLX;
    int16_t thumbLY;
    int16_t thumbRX;
    int16_t thumbRY;
    uint8_t leftTrigger;
    uint8_t rightTrigger;
} ParsecGamepadStateMessage;

typedef struct {
    ParsecMessageType type;
    union {
        ParsecKeyboardMessage keyboard;
        ParsecMouseButtonMessage mouseButton;
        ParsecMouseWheelMessage mouseWheel;
        ParsecMouseMotionMessage mouseMotion;
        ParsecGamepadButtonMessage gamepadButton;
        ParsecGamepadAxisMessage gamepadAxis;
        ParsecGamepadUnplugMessage gamepadUnplug;
        ParsecGamepadStateMessage gamepadState;
    };
} ParsecMessage;

typedef struct {
    uint32_t decoderIndex;
    int32_t resolutionX;
    int32_t resolutionY;
    bool decoderCompatibility;
    bool decoderH265;
    bool decoder444;
    uint8_t __pad[1];
} ParsecClientVideoConfig;

typedef struct {
    ParsecClientVideoConfig video[2];
    int32_t mediaContainer;
    int32_t protocol;
    char secret[32];
    bool pngCursor;
    uint8_t __pad[3];
} ParsecClientConfig;

typedef struct {
    uint32_t index;
    uint32_t width;
    uint32_t height;
    char name[16];
    bool h265;
    bool color444;
    uint8_t __pad[2];
} ParsecDecoder;

typedef struct {
    ParsecGuest self;
    ParsecDecoder decoder[2];
    ParsecHostMode hostMode;
    bool networkFailure;
    uint8_t __pad[3];
} ParsecClientStatus;

typedef struct {
    ParsecCursor cursor;
    uint32_t key;
} ParsecClientCursorEvent;

typedef struct {
    uint32_t gamepadID;
    uint8_t motorBig;
    uint8_t motorSmall;
    uint8_t __pad[2];
} ParsecClientRumbleEvent;

typedef struct {
    ParsecStatus status;
    uint8_t stream;
    uint8_t __pad[3];
} ParsecClientStreamEvent;

typedef struct {
    uint32_t id;
    uint32_t key;
} ParsecClientUserDataEvent;

typedef struct {
    ParsecClientEventType type;
    union {
        ParsecClientCursorEvent cursor;
        ParsecClientRumbleEvent rumble;
        ParsecClientStreamEvent stream;
        ParsecClientUserDataEvent userData;
    };
} ParsecClientEvent;

typedef struct {
    int32_t resolutionX;
    int32_t resolutionY;
    int32_t encoderFPS;
    int32_t encoderMaxBitrate;
    char output[64];
    bool fullFPS;
    uint8_t __pad[3];
} ParsecHostVideoConfig;

typedef struct {
    ParsecHostVideoConfig video[2];
    ParsecGamepadType gamepadType;
    int32_t adminMute;
    int32_t exclusiveInput;
    int32_t maxGuests;
    char name[256];
    char desc[512];
    char gameID[72];
    char secret[32];
    bool publicGame;
    uint8_t __pad[3];
} ParsecHostConfig;

typedef struct {
    ParsecHostConfig cfg;
    uint32_t numGuests;
    bool running;
    bool invalidSessionID;
    uint8_t __pad[2];
} ParsecHostStatus;

typedef struct {
    ParsecGuest guest;
    ParsecStatus status;
} ParsecGuestStateChangeEvent;

typedef struct {
    ParsecGuest guest;
    uint32_t id;
    uint32_t key;
} ParsecUserDataEvent;

typedef struct {
    ParsecHostEventType type;
    union {
        ParsecGuestStateChangeEvent guestStateChange;
        ParsecUserDataEvent userData;
    };
} ParsecHostEvent;

typedef struct Parsec Parsec;
typedef void (*ParsecLogCallback)(int32_t level, const char *message, void *opaque);
typedef void (*ParsecFrameCallback)(ParsecFrame *frame, void *image, void *opaque);
typedef void (*ParsecAudioCallback)(const int16_t *samples, uint32_t frames, void *opaque);
typedef bool (*ParsecPreRenderCallback)(void *opaque);

/* The build hides every other name. */
#pragma GCC visibility push(default)
ParsecStatus ParsecInit(uint32_t ver, ParsecConfig *cfg, void *reserved, Parsec **ps);
void ParsecDestroy(Parsec *ps);
void ParsecGetConfig(Parsec *ps, ParsecConfig *cfg);
void *ParsecGetBuffer(Parsec *ps, uint32_t key);
void ParsecFree(void *ptr);
void ParsecSetLogCallback(ParsecLogCallback callback, void *opaque);
uint32_t ParsecVersion(void);
uint32_t ParsecGetOutputs(ParsecOutput *outputs, uint32_t len);
uint32_t ParsecGetDecoders(ParsecDecoder *decoders, uint32_t len);
ParsecStatus ParsecClientConnect(Parsec *ps, ParsecClientConfig *cfg, const char *sessionID,
    const char *peerID);
void ParsecClientDisconnect(Parsec *ps);
ParsecStatus ParsecClientGetStatus(Parsec *ps, ParsecClientStatus *status);
uint32_t ParsecClientGetGuests(Parsec *ps, ParsecGuest **guests);
ParsecStatus ParsecClientSetConfig(Parsec *ps, ParsecClientConfig *cfg);
ParsecStatus ParsecClientSetDimensions(Parsec *ps, uint8_t stream, uint32_t width,
    uint32_t height, float scale);
ParsecStatus ParsecClientPollFrame(Parsec *ps, uint8_t stream, ParsecFrameCallback callback,
    uint32_t timeout, void *opaque);
ParsecStatus ParsecClientPollAudio(Parsec *ps, ParsecAudioCallback callback, uint32_t timeout,
    void *opaque);
bool ParsecClientPollEvents(Parsec *ps, uint32_t timeout, ParsecClientEvent *event);
ParsecStatus ParsecClientGLRenderFrame(Parsec *ps, uint8_t stream, ParsecPreRenderCallback pre,
    void *opaque, uint32_t timeout);
ParsecStatus ParsecClientMetalRenderFrame(Parsec *ps, uint8_t stream, void *cq, void **target,
    ParsecPreRenderCallback pre, void *opaque, uint32_t timeout);
ParsecStatus ParsecClientD3D9RenderFrame(Parsec *ps, uint8_t stream, void *device,
    ParsecPreRenderCallback pre, void *opaque, uint32_t timeout);
ParsecStatus ParsecClientD3D11RenderFrame(Parsec *ps, uint8_t stream, void *device, void *context,
    ParsecPreRenderCallback pre, void *opaque, uint32_t timeout);
void ParsecClientGLDestroy(Parsec *ps, uint8_t stream);
ParsecStatus ParsecClientSendMessage(Parsec *ps, ParsecMessage *msg);
ParsecStatus ParsecClientPause(Parsec *ps, bool pauseVideo, bool pauseAudio);
ParsecStatus ParsecClientEnableStream(Parsec *ps, uint8_t stream, bool enable);
ParsecStatus ParsecClientSendUserData(Parsec *ps, uint32_t id, const char *text);
ParsecStatus ParsecHostStart(Parsec *ps, int32_t mode, ParsecHostConfig *cfg,
    const char *sessionID);
void ParsecHostStop(Parsec *ps);
void ParsecHostGetStatus(Parsec *ps, ParsecHostStatus *status);
ParsecStatus ParsecHostSetConfig(Parsec *ps, ParsecHostConfig *cfg, const char *sessionID);
uint32_t ParsecHostGetGuests(Parsec *ps, uint32_t state, ParsecGuest **guests);
ParsecStatus ParsecHostKickGuest(Parsec *ps, uint32_t guestID);
ParsecStatus ParsecHostSendUserData(Parsec *ps, uint32_t guestID, uint32_t id, const char *text);
bool ParsecHostPollEvents(Parsec *ps, uint32_t timeout, ParsecHostEvent *event);
ParsecStatus ParsecHostAllowGuest(Parsec *ps, uint32_t guestID, bool allow);
ParsecStatus ParsecHostSetPermissions(Parsec *ps, uint32_t guestID, ParsecPermissions *perms);
bool ParsecHostPollInput(Parsec *ps, uint32_t timeout, ParsecGuest *guest, ParsecMessage *msg);
ParsecStatus ParsecHostSubmitAudio(Parsec *ps, int32_t format, uint32_t sampleRate, void *pcm,
    uint32_t frames);
ParsecStatus ParsecHostSubmitCursor(Parsec *ps, uint8_t stream, ParsecCursor *cursor,
    void *image);
ParsecStatus ParsecHostSubmitRumble(Parsec *ps, uint32_t guestID, uint32_t gamepadID,
    uint8_t motorBig, uint8_t motorSmall);
ParsecStatus ParsecHostGLSubmitFrame(Parsec *ps, uint8_t stream, uint32_t frame);
ParsecStatus ParsecHostD3D9SubmitFrame(Parsec *ps, uint8_t stream, void *device, void *frame);
ParsecStatus ParsecHostD3D11SubmitFrame(Parsec *ps, uint8_t stream, void *device, void *context,
    void *frame);
#pragma GCC visibility pop

#endif
