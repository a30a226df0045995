/* Sizes and offsets of the structs in libparsec.h; the same in 32 and 64 bit. */
#ifndef LIBPARSEC_LAYOUT_H
#define LIBPARSEC_LAYOUT_H

#include "libparsec.h"

#define SIZE(type, size, alignment) \
    _Static_assert(sizeof(type) == (size) && _Alignof(type) == (alignment), #type)
#define AT(type, field, offset, size) \
    _Static_assert(offsetof(type, field) == (offset) && sizeof(((type *) 0)->field) == (size), \
                   #type "." #field)

SIZE(ParsecConfig, 12, 4);
AT(ParsecConfig, upnp, 0, 4); AT(ParsecConfig, clientPort, 4, 4);
AT(ParsecConfig, hostPort, 8, 4);

SIZE(ParsecFrame, 28, 4);
AT(ParsecFrame, format, 0, 4); AT(ParsecFrame, rotation, 4, 4); AT(ParsecFrame, size, 8, 4);
AT(ParsecFrame, width, 12, 4); AT(ParsecFrame, height, 16, 4); AT(ParsecFrame, fullWidth, 20, 4);
AT(ParsecFrame, fullHeight, 24, 4);

SIZE(ParsecRect, 16, 4);
AT(ParsecRect, left, 0, 4); AT(ParsecRect, top, 4, 4); AT(ParsecRect, right, 8, 4);
AT(ParsecRect, bottom, 12, 4);

SIZE(ParsecOutput, 664, 4);
AT(ParsecOutput, coords, 0, 16); AT(ParsecOutput, adapterIndex, 16, 4);
AT(ParsecOutput, outputIndex, 20, 4); AT(ParsecOutput, name, 24, 256);
AT(ParsecOutput, adapterName, 280, 256); AT(ParsecOutput, device, 536, 64);
AT(ParsecOutput, id, 600, 64);

SIZE(ParsecCursor, 24, 4);
AT(ParsecCursor, size, 0, 4); AT(ParsecCursor, positionX, 4, 4);
AT(ParsecCursor, positionY, 8, 4); AT(ParsecCursor, width, 12, 2);
AT(ParsecCursor, height, 14, 2); AT(ParsecCursor, hotX, 16, 2); AT(ParsecCursor, hotY, 18, 2);
AT(ParsecCursor, hidden, 20, 1); AT(ParsecCursor, imageUpdate, 21, 1);
AT(ParsecCursor, relative, 22, 1); AT(ParsecCursor, stream, 23, 1);

SIZE(ParsecPermissions, 4, 1);
AT(ParsecPermissions, gamepad, 0, 1); AT(ParsecPermissions, keyboard, 1, 1);
AT(ParsecPermissions, mouse, 2, 1); AT(ParsecPermissions, __pad, 3, 1);

SIZE(ParsecMetrics, 32, 4);
AT(ParsecMetrics, packetsSent, 0, 4); AT(ParsecMetrics, fastRTs, 4, 4);
AT(ParsecMetrics, slowRTs, 8, 4); AT(ParsecMetrics, queuedFrames, 12, 4);
AT(ParsecMetrics, encodeLatency, 16, 4); AT(ParsecMetrics, decodeLatency, 20, 4);
AT(ParsecMetrics, networkLatency, 24, 4); AT(ParsecMetrics, bitrate, 28, 4);

SIZE(ParsecGuest, 180, 4);
AT(ParsecGuest, perms, 0, 4); AT(ParsecGuest, metrics, 4, 64); AT(ParsecGuest, state, 68, 4);
AT(ParsecGuest, id, 72, 4); AT(ParsecGuest, userID, 76, 4); AT(ParsecGuest, name, 80, 32);
AT(ParsecGuest, externalID, 112, 64); AT(ParsecGuest, owner, 176, 1);
AT(ParsecGuest, __pad, 177, 3);

SIZE(ParsecKeyboardMessage, 12, 4);
AT(ParsecKeyboardMessage, code, 0, 4); AT(ParsecKeyboardMessage, mod, 4, 4);
AT(ParsecKeyboardMessage, pressed, 8, 1); AT(ParsecKeyboardMessage, __pad, 9, 3);

SIZE(ParsecMouseButtonMessage, 8, 4);
AT(ParsecMouseButtonMessage, button, 0, 4); AT(ParsecMouseButtonMessage, pressed, 4, 1);
AT(ParsecMouseButtonMessage, __pad, 5, 3);

SIZE(ParsecMouseWheelMessage, 8, 4);
AT(ParsecMouseWheelMessage, x, 0, 4); AT(ParsecMouseWheelMessage, y, 4, 4);

SIZE(ParsecMouseMotionMessage, 12, 4);
AT(ParsecMouseMotionMessage, x, 0, 4); AT(ParsecMouseMotionMessage, y, 4, 4);
AT(ParsecMouseMotionMessage, relative, 8, 1); AT(ParsecMouseMotionMessage, scaleRelative, 9, 1);
AT(ParsecMouseMotionMessage, stream, 10, 1); AT(ParsecMouseMotionMessage, __pad, 11, 1);

SIZE(ParsecGamepadButtonMessage, 12, 4);
AT(ParsecGamepadButtonMessage, button, 0, 4); AT(ParsecGamepadButtonMessage, id, 4, 4);
AT(ParsecGamepadButtonMessage, pressed, 8, 1); AT(ParsecGamepadButtonMessage, __pad, 9, 3);

SIZE(ParsecGamepadAxisMessage, 12, 4);
AT(ParsecGamepadAxisMessage, axis, 0, 4); AT(ParsecGamepadAxisMessage, id, 4, 4);
AT(ParsecGamepadAxisMessage, value, 8, 2); AT(ParsecGamepadAxisMessage, __pad, 10, 2);

SIZE(ParsecGamepadUnplugMessage, 4, 4);
AT(ParsecGamepadUnplugMessage, id, 0, 4);

SIZE(ParsecGamepadStateMessage, 16, 4);
AT(ParsecGamepadStateMessage, id, 0, 4); AT(ParsecGamepadStateMessage, buttons, 4, 2);
AT(ParsecGamepadStateMessage, thumbLX, 6, 2); AT(ParsecGamepadStateMessage, thumbLY, 8, 2);
AT(ParsecGamepadStateMessage, thumbRX, 10, 2); AT(ParsecGamepadStateMessage, thumbRY, 12, 2);
AT(ParsecGamepadStateMessage, leftTrigger, 14, 1);
AT(ParsecGamepadStateMessage, rightTrigger, 15, 1);

SIZE(ParsecMessage, 20, 4);
AT(ParsecMessage, type, 0, 4); AT(ParsecMessage, keyboard, 4, 12);
AT(ParsecMessage, mouseButton, 4, 8); AT(ParsecMessage, mouseWheel, 4, 8);
AT(ParsecMessage, mouseMotion, 4, 12); AT(ParsecMessage, gamepadButton, 4, 12);
AT(ParsecMessage, gamepadAxis, 4, 12); AT(ParsecMessage, gamepadUnplug, 4, 4);
AT(ParsecMessage, gamepadState, 4, 16);

SIZE(ParsecClientVideoConfig, 16, 4);
AT(ParsecClientVideoConfig, decoderIndex, 0, 4); AT(ParsecClientVideoConfig, resolutionX, 4, 4);
AT(ParsecClientVideoConfig, resolutionY, 8, 4);
AT(ParsecClientVideoConfig, decoderCompatibility, 12, 1);
AT(ParsecClientVideoConfig, decoderH265, 13, 1); AT(ParsecClientVideoConfig, decoder444, 14, 1);
AT(ParsecClientVideoConfig, __pad, 15, 1);

SIZE(ParsecClientConfig, 76, 4);
AT(ParsecClientConfig, video, 0, 32); AT(ParsecClientConfig, mediaContainer, 32, 4);
AT(ParsecClientConfig, protocol, 36, 4); AT(ParsecClientConfig, secret, 40, 32);
AT(ParsecClientConfig, pngCursor, 72, 1); AT(ParsecClientConfig, __pad, 73, 3);

SIZE(ParsecDecoder, 32, 4);
AT(ParsecDecoder, index, 0, 4); AT(ParsecDecoder, width, 4, 4); AT(ParsecDecoder, height, 8, 4);
AT(ParsecDecoder, name, 12, 16); AT(ParsecDecoder, h265, 28, 1);
AT(ParsecDecoder, color444, 29, 1); AT(ParsecDecoder, __pad, 30, 2);

SIZE(ParsecClientStatus, 252, 4);
AT(ParsecClientStatus, self, 0, 180); AT(ParsecClientStatus, decoder, 180, 64);
AT(ParsecClientStatus, hostMode, 244, 4); AT(ParsecClientStatus, networkFailure, 248, 1);
AT(ParsecClientStatus, __pad, 249, 3);

SIZE(ParsecClientCursorEvent, 28, 4);
AT(ParsecClientCursorEvent, cursor, 0, 24); AT(ParsecClientCursorEvent, key, 24, 4);

SIZE(ParsecClientRumbleEvent, 8, 4);
AT(ParsecClientRumbleEvent, gamepadID, 0, 4); AT(ParsecClientRumbleEvent, motorBig, 4, 1);
AT(ParsecClientRumbleEvent, motorSmall, 5, 1); AT(ParsecClientRumbleEvent, __pad, 6, 2);

SIZE(ParsecClientStreamEvent, 8, 4);
AT(ParsecClientStreamEvent, status, 0, 4); AT(ParsecClientStreamEvent, stream, 4, 1);
AT(ParsecClientStreamEvent, __pad, 5, 3);

SIZE(ParsecClientUserDataEvent, 8, 4);
AT(ParsecClientUserDataEvent, id, 0, 4); AT(ParsecClientUserDataEvent, key, 4, 4);

SIZE(ParsecClientEvent, 32, 4);
AT(ParsecClientEvent, type, 0, 4); AT(ParsecClientEvent, cursor, 4, 28);
AT(ParsecClientEvent, rumble, 4, 8); AT(ParsecClientEvent, stream, 4, 8);
AT(ParsecClientEvent, userData, 4, 8);

SIZE(ParsecHostVideoConfig, 84, 4);
AT(ParsecHostVideoConfig, resolutionX, 0, 4); AT(ParsecHostVideoConfig, resolutionY, 4, 4);
AT(ParsecHostVideoConfig, encoderFPS, 8, 4); AT(ParsecHostVideoConfig, encoderMaxBitrate, 12, 4);
AT(ParsecHostVideoConfig, output, 16, 64); AT(ParsecHostVideoConfig, fullFPS, 80, 1);
AT(ParsecHostVideoConfig, __pad, 81, 3);

SIZE(ParsecHostConfig, 1060, 4);
AT(ParsecHostConfig, video, 0, 168); AT(ParsecHostConfig, gamepadType, 168, 4);
AT(ParsecHostConfig, adminMute, 172, 4); AT(ParsecHostConfig, exclusiveInput, 176, 4);
AT(ParsecHostConfig, maxGuests, 180, 4); AT(ParsecHostConfig, name, 184, 256);
AT(ParsecHostConfig, desc, 440, 512); AT(ParsecHostConfig, gameID, 952, 72);
AT(ParsecHostConfig, secret, 1024, 32); AT(ParsecHostConfig, publicGame, 1056, 1);
AT(ParsecHostConfig, __pad, 1057, 3);

SIZE(ParsecHostStatus, 1068, 4);
AT(ParsecHostStatus, cfg, 0, 1060); AT(ParsecHostStatus, numGuests, 1060, 4);
AT(ParsecHostStatus, running, 1064, 1); AT(ParsecHostStatus, invalidSessionID, 1065, 1);
AT(ParsecHostStatus, __pad, 1066, 2);

SIZE(ParsecGuestStateChangeEvent, 184, 4);
AT(ParsecGuestStateChangeEvent, guest, 0, 180); AT(ParsecGuestStateChangeEvent, status, 180, 4);

SIZE(ParsecUserDataEvent, 188, 4);
AT(ParsecUserDataEvent, guest, 0, 180); AT(ParsecUserDataEvent, id, 180, 4);
AT(ParsecUserDataEvent, key, 184, 4);

SIZE(ParsecHostEvent, 192, 4);
AT(ParsecHostEvent, type, 0, 4); AT(ParsecHostEvent, guestStateChange, 4, 184);
AT(ParsecHostEvent, userData, 4, 188);

#endif
