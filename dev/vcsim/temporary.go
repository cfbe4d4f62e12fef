package main

import (
	"log"
	"os"
	"path/filepath"
	"syscall"
)

const temporaryPrefix = "stackyard-vcsim-"

// temporary makes the simulator keep its temporary folders, one for each datastore, below one of ours. It would forget
// them where it is stopped while it builds the inventory. Folders of instances that were killed are removed here; each
// instance holds a lock on its own.
func temporary() (remove func(), err error) {
	stale, err := filepath.Glob(filepath.Join(os.TempDir(), temporaryPrefix+"*"))
	if err != nil {
		return nil, err
	}
	for _, folder := range stale {
		if file, err := lock(folder, syscall.LOCK_NB); err == nil {
			_ = os.RemoveAll(folder)
			_ = file.Close()
		}
	}
	for {
		folder, err := os.MkdirTemp("", temporaryPrefix)
		if err != nil {
			return nil, err
		}
		held, err := lock(folder, 0)
		if err != nil {
			continue // Another instance took it for stale before it was locked.
		}
		if _, err := os.Stat(folder); err != nil {
			_ = held.Close()
			continue
		}
		remove = func() {
			if err := os.RemoveAll(folder); err != nil {
				log.Print(err)
			}
			_ = held.Close()
		}
		return remove, os.Setenv("TMPDIR", folder)
	}
}

func lock(folder string, flags int) (*os.File, error) {
	file, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|flags); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}
