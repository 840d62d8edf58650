package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/certificate/paper/camera/cameratest"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/proof"
)

var photo = figure{
	id: "photo", unit: "codes read", baseline: "zbarimg on the same files",
	what: "Photographs of one printed SYNTHETIC certificate, two codes in each, that the program reads: the page of its PDF, rendered at 600 dpi, " +
		"goes through fold, stain, shadow, lens, hand, sensor noise and JPEG, all computed (package cameratest); a code counts when its content is the certificate's or the proof's, byte for byte, " +
		"and anything else read ends the run with an error. No real camera was held over real paper.",
	how:     "zbarimg (Debian's zbar-tools) with its usual settings on the same files; a code counts in the same way.",
	measure: measurePhotos,
}

// inked are what the two codes of the page hold.
type inked struct{ certificate, proof []byte }

// count tells which of the two were read.
func (h inked) count(certificate, proof []byte) (c, p bool, err error) {
	if certificate != nil && !bytes.Equal(certificate, h.certificate) || proof != nil && !bytes.Equal(proof, h.proof) {
		return false, false, errors.New("a code was read wrongly")
	}
	return certificate != nil, proof != nil, nil
}

func measurePhotos(ctx context.Context, r *run) (m measured, err error) {
	file, b, p, err := cameratest.Certificate()
	if err != nil {
		return m, err
	}
	full, err := proof.Parse(b.Proof.String())
	if err != nil {
		return m, err
	}
	compact, err := full.Compact(p.Log("cf.kp.example/2026").Policy)
	if err != nil {
		return m, err
	}
	page, err := cameratest.Render(file, 600)
	if err != nil {
		return m, err
	}
	want := inked{b.Statement, compact}
	m.table = [][]string{{"picture", "certificate", "proof", "seconds", "zbarimg: certificate", "proof"}}
	var ours, base float64
	n := min(r.scale.photos, len(cameratest.Names()))
	r.bar.expect(n)
	for picture := range cameratest.Pictures(page, true) {
		if n--; n < 0 {
			break
		}
		began := time.Now()
		read, err := camera.Read(ctx, picture.File)
		took := time.Since(began)
		if err != nil {
			if !errors.Is(err, camera.ErrNoCode) {
				return m, fmt.Errorf("%s: %w", picture.Name, err)
			}
			read = new(camera.Codes)
		}
		c, p, err := want.count(read.Certificate, read.Proof)
		if err != nil {
			return m, fmt.Errorf("%s: %w", picture.Name, err)
		}
		zc, zp, err := r.zbar(ctx, picture.File, want)
		if err != nil {
			return m, fmt.Errorf("%s: %w", picture.Name, err)
		}
		ours, base = ours+ones(c, p), base+ones(zc, zp)
		m.table = append(m.table, []string{picture.Name, word(c), word(p), fmt.Sprintf("%.1f", took.Seconds()), word(zc), word(zp)})
		r.bar.step()
	}
	m.ours, m.base = []float64{ours}, []float64{base}
	m.detail = fmt.Sprintf("%d pictures, %d codes; the certificate's code %d bytes, the proof's %d", len(m.table)-1, 2*(len(m.table)-1), len(b.Statement), len(compact))
	return m, nil
}

// zbar has zbarimg read a picture. It ends with 4 where it finds nothing.
func (r *run) zbar(ctx context.Context, file []byte, want inked) (c, p bool, err error) {
	path := filepath.Join(r.dir, "photo")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return false, false, err
	}
	out, err := exec.CommandContext(ctx, "zbarimg", "--quiet", "--raw", path).Output()
	if gone, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || gone.ExitCode() != 4) {
		return false, false, err
	}
	var certificate, compact []byte
	for line := range strings.Lines(string(out)) {
		switch kind, content, err := codes.Read(line); {
		case err != nil:
		case kind == codes.Certificate:
			certificate = content
		default:
			compact = content
		}
	}
	return want.count(certificate, compact)
}

func ones(all ...bool) (n float64) {
	for _, b := range all {
		if b {
			n++
		}
	}
	return n
}

func word(read bool) string {
	if read {
		return "read"
	}
	return "–"
}
