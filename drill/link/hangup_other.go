//go:build unix && !linux

package link

import "golang.org/x/sys/unix"

// hungUp says whether the peer of a TCP socket sent FIN or RST. Without Linux's POLLRDHUP an end behind unread bytes is
// not seen: such a connection gets the bytes and the FIN after a cut, not an RST.
func hungUp(fd int) bool {
	var one [1]byte
	n, _, err := unix.Recvfrom(fd, one[:], unix.MSG_PEEK)
	switch err {
	case nil:
		return n == 0
	case unix.EAGAIN, unix.EINTR:
		return false
	}
	return true
}
