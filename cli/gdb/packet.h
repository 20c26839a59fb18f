/*
 * A connection to gdb: packets of its remote serial protocol.
 * GDB's manual, appendix "GDB Remote Serial Protocol", sections Overview and Packet
 * Acknowledgment.  Run-length encoding of replies, which is optional, is not used.
 */
#ifndef CLI_GDB_PACKET_H
#define CLI_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>

enum { PACKET_MOST = 16384 /* bytes of a packet, either way, as they stand on the line */ };

struct link {
	int fd;
	bool acks;  /* packets are acknowledged, until gdb asks for that to end */
	bool known; /* it has spoken as gdb does */
	unsigned char in[4096];
	size_t at, count;	      /* of `in`: what is read next; what there is */
	char packet[PACKET_MOST + 1]; /* the last that came, and a 0 behind it */
	size_t length;
	char *last; /* the last that was sent, framed; owned */
	size_t last_length;
};

/* Of an open connection, which becomes the link's. */
void link_open(struct link *, int fd);
void link_close(struct link *);

enum link_event {
	LINK_PACKET,
	LINK_BREAK,	  /* Ctrl-C of gdb's user */
	LINK_GONE,	  /* the connection has ended */
	LINK_STRANGER,	  /* whoever speaks there is not gdb */
	LINK_INTERRUPTED, /* a signal came: cli/terminal.h */
	LINK_NOTHING
};
/* What comes next.  Packets that are damaged are asked for again, and not seen. */
enum link_event link_receive(struct link *);
/* A packet of these bytes, which are escaped where that is needed. */
void link_send(struct link *, const char *bytes, size_t length);
/* How many of these bytes a packet has room for. */
size_t link_room(const char *bytes, size_t length);

/* While a machine runs: SIGINT's flag is set as soon as something comes. */
void link_listen(struct link *, bool on);
/* What has come meanwhile: a break, whatever it was; the end; or nothing that matters. */
enum link_event link_heard(struct link *);

#endif
