// Built into a file of its own, and loaded when a Redis server is connected to first.
export { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
