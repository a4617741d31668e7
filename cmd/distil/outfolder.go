package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
)

// openOut creates the folder --out where it is missing, locks it, and removes what a
// run that was killed has left in it. Two runs in one folder would take turns at
// replacing each other's checkpoints.
func openOut(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	release, err = outfile.LockFolder(dir)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		outfile.RemoveStale(dir),
		outfile.RestoreFolder(filepath.Join(dir, checkpointFolder)),
		outfile.RestoreFolder(filepath.Join(dir, weightsName)),
	)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}
