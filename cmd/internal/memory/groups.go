package memory

import (
	"io/fs"
	"math"
	"path"
	"strings"
)

// groups returns what the control groups that this process is in leave to it, of either
// version. A group is bound by its own limit and by those of all groups above it. ok is
// false if none has a limit.
func groups(root fs.FS) (bytes int64, ok bool) {
	least := int64(math.MaxInt64)
	mounts := parseMounts(read(root, "proc/self/mountinfo"))
	for line := range strings.Lines(read(root, "proc/self/cgroup")) {
		// hierarchy:controllers:path; version 2 is 0::path (cgroups(7))
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 {
			continue
		}
		version, room := 2, roomV2
		if parts[1] != "" {
			if !hasWord(parts[1], "memory") {
				continue
			}
			version, room = 1, roomV1
		}
		for _, m := range mounts {
			if m.version != version {
				continue
			}
			for _, folder := range m.folders(parts[2]) {
				if left, limited := room(root, folder); limited {
					least, ok = min(least, left), true
				}
			}
		}
	}
	return least, ok
}

// roomV2 returns what the limits of a group of version 2 leave: memory.max, beyond
// which the kernel kills, and memory.high, beyond which it makes the process wait, less
// memory.current, in which the files count that nobody has read for a while and that
// the kernel drops first (Documentation/admin-guide/cgroup-v2.rst, "Memory Interface
// Files").
func roomV2(root fs.FS, folder string) (int64, bool) {
	limit, ok := int64(math.MaxInt64), false
	for _, name := range []string{"memory.max", "memory.high"} { // a number, or "max"
		if n, isNumber := number(strings.TrimSpace(read(root, folder+"/"+name))); isNumber {
			limit, ok = min(limit, n), true
		}
	}
	current, known := number(strings.TrimSpace(read(root, folder+"/memory.current")))
	if !ok || !known {
		return 0, false
	}
	files, _ := field(read(root, folder+"/memory.stat"), "inactive_file")
	return left(limit, current, files), true
}

// noLimitV1 is more than any machine has. A group of version 1 without a limit has the
// largest number that pages can count.
const noLimitV1 = 1 << 60

// roomV1 is roomV2 for version 1 (Documentation/admin-guide/cgroup-v1/memory.rst).
func roomV1(root fs.FS, folder string) (int64, bool) {
	limit, ok := number(strings.TrimSpace(read(root, folder+"/memory.limit_in_bytes")))
	current, known := number(strings.TrimSpace(read(root, folder+"/memory.usage_in_bytes")))
	if !ok || !known || limit >= noLimitV1 {
		return 0, false
	}
	stat := read(root, folder+"/memory.stat")
	files, ok := field(stat, "total_inactive_file") // with the groups below, as usage is
	if !ok {
		files, _ = field(stat, "inactive_file")
	}
	return left(limit, current, files), true
}

func left(limit, current, files int64) int64 {
	return max(0, limit-max(0, current-files))
}

// mount is where groups of a version are to be found.
type mount struct {
	version int
	group   string // the one at the top of what is mounted
	folder  string // without the / at the beginning
}

// parseMounts returns the mounts of control groups in the text of
// /proc/self/mountinfo (proc_pid_mountinfo(5)):
//
//	36 35 98:0 /group /folder options [optional fields] - type source options
func parseMounts(text string) (all []mount) {
	for line := range strings.Lines(text) {
		before, after, found := strings.Cut(line, " - ")
		place, kind := strings.Fields(before), strings.Fields(after)
		if !found || len(place) < 5 || len(kind) < 3 {
			continue
		}
		m := mount{group: unescape(place[3]), folder: strings.TrimPrefix(path.Clean(unescape(place[4])), "/")}
		switch {
		case kind[0] == "cgroup2":
			m.version = 2
		case kind[0] == "cgroup" && hasWord(kind[2], "memory"):
			m.version = 1
		default:
			continue
		}
		if fs.ValidPath(m.folder) && m.folder != "." {
			all = append(all, m)
		}
	}
	return all
}

// unescape undoes how mountinfo writes characters that would separate fields.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// maxDepth bounds the depth of groups; systems have some ten.
const maxDepth = 100

// folders returns the folders of a group and of all above it, as far as they are
// mounted. A process in a container may be told of a group that it cannot see; what it
// sees then is the top.
func (m mount) folders(group string) (all []string) {
	below, ok := strings.CutPrefix(path.Clean("/"+group), strings.TrimSuffix(m.group, "/"))
	if !ok || below != "" && below[0] != '/' {
		below = ""
	}
	for folder := path.Join(m.folder, below); len(all) < maxDepth; folder = path.Dir(folder) {
		if !fs.ValidPath(folder) {
			break
		}
		all = append(all, folder)
		if folder == m.folder {
			break
		}
	}
	return all
}
