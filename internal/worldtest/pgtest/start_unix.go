//go:build unix

package pgtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// script makes a cluster, runs it, says "pid N", and ends it when standard
// input closes. $1 is the folder of the programs, $2 the cluster's folder, the
// rest are options of the server. QUIT is PostgreSQL's immediate shutdown: the
// data are thrown away in the next line.
const script = `
bin=$1; dir=$2; shift 2
make() { "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-sync --no-instructions "$@" >>"$dir/log" 2>&1; }
if ! make --locale=C --locale-provider=icu --icu-locale=en; then
	rm -rf "$dir/data"
	if ! make --locale=C; then echo failed; exec tail -n 5 "$dir/log"; fi
fi
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= "$@" >>"$dir/log" 2>&1 </dev/null &
pid=$!
echo "pid $pid"
read -r _
kill -QUIT "$pid"
wait "$pid"
rm -rf "$dir"
`

// maxSocketDir leaves room for "/.s.PGSQL.5432" in the 107 bytes a Unix socket
// path may have.
const maxSocketDir = 90

func start(o Options) (*cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	owner, err := serverUser()
	if err != nil {
		return nil, err
	}
	dir, err := clusterDir(owner)
	if err != nil {
		return nil, err
	}
	c, err := launch(bin, dir, owner, settings(o))
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return c, nil
}

func settings(o Options) []string {
	s := []string{"-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "jit=off",
		"-c", "wal_level=minimal", "-c", "max_wal_senders=0"}
	if !o.Durable {
		s = append(s, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	return s
}

// serverUser is nil when the server runs as the calling user.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func clusterDir(owner *syscall.Credential) (string, error) {
	parent := os.TempDir()
	if len(parent) > maxSocketDir-len("/adamas-pg-0123456789") {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "adamas-pg-")
	if err != nil || owner == nil {
		return dir, err
	}
	return dir, os.Chown(dir, int(owner.Uid), int(owner.Gid))
}

// launch starts the shell in a session of its own: an interrupt typed at the
// terminal reaches the test process, and the shell only by the closing pipe.
func launch(bin, dir string, owner *syscall.Credential, settings []string) (*cluster, error) {
	stdin, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "pgtest", bin, dir}, settings...)...)
	cmd.Dir = dir
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"}
	cmd.Stdin = stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setsid: true}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		alive.Close()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		alive.Close()
		return nil, err
	}
	c := &cluster{dir: dir, alive: alive}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	first, isPid := strings.CutPrefix(lines.Text(), "pid ")
	if c.pid, err = strconv.Atoi(first); !isPid || err != nil {
		alive.Close()
		cmd.Wait()
		return nil, fmt.Errorf("initdb failed: %s", c.log())
	}
	stopped := make(chan struct{})
	go func() {
		cmd.Wait()
		close(stopped)
	}()
	if err := c.waitReady(stopped); err != nil {
		alive.Close()
		<-stopped
		return nil, err
	}
	return c, nil
}
