package service

import (
	"context"
	"errors"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"

	"adamas.example/internal/module"
)

func installed(args []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return managed(func(m *mgr.Mgr) error {
		s, err := m.CreateService(Name, program, mgr.Config{DisplayName: "Adamas", Description: "Register of rough diamonds",
			StartType: mgr.StartAutomatic, DelayedAutoStart: true, ServiceStartName: `NT AUTHORITY\LocalService`}, args...)
		if err != nil {
			return err
		}
		defer s.Close()
		again := mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: 5 * time.Second}
		return s.SetRecoveryActions([]mgr.RecoveryAction{again, again, again}, 86400)
	})
}

func uninstalled() error {
	return ofService(func(s *mgr.Service) error {
		if err := end(s); err != nil {
			return err
		}
		return s.Delete()
	})
}

func started() error { return ofService(func(s *mgr.Service) error { return s.Start() }) }

func stopped() error { return ofService(end) }

// end stops a service that runs, and waits.
func end(s *mgr.Service) error {
	status, err := s.Control(svc.Stop)
	if errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return nil
	}
	for tries := 0; err == nil && status.State != svc.Stopped; tries++ {
		if tries == 300 {
			return context.DeadlineExceeded
		}
		time.Sleep(100 * time.Millisecond)
		status, err = s.Query()
	}
	return err
}

func managed(do func(*mgr.Mgr) error) error {
	m, err := mgr.Connect()
	if err != nil {
		return refused(err)
	}
	defer m.Disconnect()
	return refused(do(m))
}

func ofService(do func(*mgr.Service) error) error {
	return managed(func(m *mgr.Mgr) error {
		s, err := m.OpenService(Name)
		if err != nil {
			return err
		}
		defer s.Close()
		return do(s)
	})
}

// handler is the service as Windows sees it.
type handler struct {
	env   *module.Env
	serve func(*module.Env) error
	err   error
}

func runs(env *module.Env, serve func(*module.Env) error) error {
	h := &handler{env: env, serve: serve}
	return errors.Join(refused(svc.Run(Name, h)), h.err)
}

// Execute serves until Windows wants it to end.
func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.StartPending}
	ctx, stop := context.WithCancel(h.env.Context)
	defer stop()
	ours := *h.env
	ours.Context = ctx
	done := make(chan error, 1)
	go func() { done <- h.serve(&ours) }()
	const accepted = svc.AcceptStop | svc.AcceptShutdown
	status <- svc.Status{State: svc.Running, Accepts: accepted}
	for {
		select {
		case h.err = <-done:
			status <- svc.Status{State: svc.StopPending}
			if h.err != nil && ctx.Err() == nil {
				return true, 1
			}
			return false, 0
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending}
				stop()
			}
		}
	}
}

var consoleProcesses = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleProcessList")

// DoubleClicked tells whether the program was opened with the mouse: then the console
// window was made for it, and no shell shares it.
func DoubleClicked() bool {
	var ids [2]uint32
	n, _, _ := consoleProcesses.Call(uintptr(unsafe.Pointer(&ids[0])), uintptr(len(ids)))
	return n == 1
}
