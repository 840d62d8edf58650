package watch

import "golang.org/x/sys/windows"

// free is how much the node's user may still write on the disk of a folder.
func free(dir string) (left uint64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	return left, windows.GetDiskFreeSpaceEx(name, &left, nil, nil)
}
