package memory

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// tree returns a file system with these files.
func tree(files map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

const (
	mountsV2     = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
	mountsV1     = "33 32 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n34 32 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	mountsHybrid = mountsV1 + "35 32 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
)

func TestGroups(t *testing.T) {
	const v2, v1 = "sys/fs/cgroup/", "sys/fs/cgroup/memory/"
	for name, test := range map[string]struct {
		files map[string]string
		want  int64 // -1 for no limit
	}{
		"version 2": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/a\n",
			v2 + "a/memory.max": "1000\n", v2 + "a/memory.high": "max\n", v2 + "a/memory.current": "700\n",
			v2 + "a/memory.stat": "anon 500\nfile 200\ninactive_file 150\n",
		}, 450},
		"version 2: high is below max": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/a\n",
			v2 + "a/memory.max": "1000\n", v2 + "a/memory.high": "800\n", v2 + "a/memory.current": "700\n",
		}, 100},
		"version 2: a group above has less": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/a/b/c\n",
			v2 + "a/memory.max": "900\n", v2 + "a/memory.current": "800\n",
			v2 + "a/b/memory.max": "max\n", v2 + "a/b/memory.current": "700\n",
			v2 + "a/b/c/memory.max": "1000\n", v2 + "a/b/c/memory.current": "600\n",
		}, 100},
		"version 2: no limit": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/a\n",
			v2 + "a/memory.max": "max\n", v2 + "a/memory.high": "max\n", v2 + "a/memory.current": "700\n",
		}, -1},
		"version 2: above the limit": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/\n",
			v2 + "memory.high": "500\n", v2 + "memory.current": "700\n", v2 + "memory.stat": "inactive_file 100\n",
		}, 0},
		"version 2: a container that is told of a group outside": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/../../x\n",
			v2 + "memory.max": "500\n", v2 + "memory.current": "100\n",
		}, 400},
		"version 2: only a part is mounted": {map[string]string{
			"proc/self/mountinfo": "30 24 0:26 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n", "proc/self/cgroup": "0::/docker/1/job\n",
			v2 + "job/memory.max": "500\n", v2 + "job/memory.current": "100\n",
		}, 400},
		"version 1": {map[string]string{
			"proc/self/mountinfo": mountsV1, "proc/self/cgroup": "3:cpu:/\n2:memory:/a/b\n",
			v1 + "a/b/memory.limit_in_bytes": "1000\n", v1 + "a/b/memory.usage_in_bytes": "900\n",
			v1 + "a/b/memory.stat": "inactive_file 50\ntotal_inactive_file 300\n",
		}, 400},
		"version 1: a group above has less": {map[string]string{
			"proc/self/mountinfo": mountsV1, "proc/self/cgroup": "2:hugetlb,memory:/a/b\n",
			v1 + "a/b/memory.limit_in_bytes": "9223372036854771712\n", v1 + "a/b/memory.usage_in_bytes": "100\n",
			v1 + "a/memory.limit_in_bytes": "250\n", v1 + "a/memory.usage_in_bytes": "100\n", v1 + "a/memory.stat": "inactive_file 10\n",
		}, 160},
		"both versions": {map[string]string{
			"proc/self/mountinfo": mountsHybrid, "proc/self/cgroup": "4:memory:/a\n0::/a\n",
			v1 + "a/memory.limit_in_bytes": "1000\n", v1 + "a/memory.usage_in_bytes": "100\n",
			v2 + "unified/a/memory.max": "500\n", v2 + "unified/a/memory.current": "200\n",
		}, 300},
		"the name of a mount with a space": {map[string]string{
			"proc/self/mountinfo": `30 24 0:26 / /my\040groups rw - cgroup2 none rw` + "\n", "proc/self/cgroup": "0::/a:b\n",
			"my groups/a:b/memory.max": "500\n", "my groups/a:b/memory.current": "200\n",
		}, 300},
		"nothing there": {nil, -1},
		"no mounts":     {map[string]string{"proc/self/cgroup": "0::/a\n", v2 + "a/memory.max": "1\n", v2 + "a/memory.current": "1\n"}, -1},
		"garbage": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "x\n::\n0:\n0::/a\n",
			v2 + "a/memory.max": "-5\n", v2 + "a/memory.high": "many\n", v2 + "a/memory.current": "\x00",
		}, -1},
		"a limit without a usage": {map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/a\n", v2 + "a/memory.max": "5\n",
		}, -1},
	} {
		got, ok := groups(tree(test.files))
		if ok != (test.want >= 0) || ok && got != test.want {
			t.Errorf("%s: %d, %v, want %d", name, got, ok, test.want)
		}
	}
}

func FuzzGroups(f *testing.F) {
	f.Add(mountsV2, "0::/a\n", "1000\n", "700\n", "inactive_file 150\n")
	f.Add(mountsHybrid, "4:memory:/a/..\n0::/../..", "max", "99999999999999999999999", "inactive_file")
	f.Fuzz(func(t *testing.T, mounts, group, limit, current, stat string) {
		files := map[string]string{"proc/self/mountinfo": mounts, "proc/self/cgroup": group, "proc/meminfo": stat, "proc/self/statm": current}
		for _, folder := range []string{"sys/fs/cgroup/", "sys/fs/cgroup/a/", "sys/fs/cgroup/memory/", "sys/fs/cgroup/memory/a/", "sys/fs/cgroup/unified/"} {
			files[folder+"memory.max"], files[folder+"memory.limit_in_bytes"] = limit, limit
			files[folder+"memory.current"], files[folder+"memory.usage_in_bytes"], files[folder+"memory.stat"] = current, current, stat
		}
		root := tree(files)
		if n, ok := groups(root); ok && n < 0 {
			t.Errorf("groups leave %d", n)
		}
		if n, ok := machine(root); ok && n < 0 {
			t.Errorf("the machine has %d", n)
		}
		if n, ok := own(usage(root), 1<<40, 1<<40, 8); ok && n < 0 {
			t.Errorf("the process has %d", n)
		}
	})
}

// TestGroupsOfAnyDepth: a path does not make the reader walk without end.
func TestGroupsOfAnyDepth(t *testing.T) {
	m := mount{version: 2, group: "/", folder: "sys/fs/cgroup"}
	if n := len(m.folders(strings.Repeat("/a", 10000))); n != maxDepth {
		t.Errorf("%d folders, want %d", n, maxDepth)
	}
}
