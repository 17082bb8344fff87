package link

import "golang.org/x/sys/unix"

// hungUp says whether the peer of a TCP socket sent FIN or RST, though bytes may lie unread before it.
func hungUp(fd int) bool {
	asked := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	for {
		n, err := unix.Poll(asked, 0)
		if err == unix.EINTR {
			continue
		}
		return err == nil && n > 0 && asked[0].Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0
	}
}
