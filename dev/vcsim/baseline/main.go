// Command baseline measures what govmomi needs to read all VMs of a vCenter, so that our own client can be compared
// with it in the same minute on the same machine. It writes one line of JSON for each run.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
)

var properties = []string{
	"name",
	"runtime.powerState",
	"runtime.host",
	"config.hardware.numCPU",
	"config.hardware.memoryMB",
	"config.uuid",
	"guest.ipAddress",
	"summary.config.vmPathName",
}

type run struct {
	Set         string  `json:"set"`
	VMs         int     `json:"vms"`
	WallSeconds float64 `json:"wallSeconds"`
	CPUSeconds  float64 `json:"cpuSeconds"`
	// What arrived on the socket, TLS records included.
	Bytes int64 `json:"bytes"`
	// Of the process so far, so it never falls from one run to the next.
	PeakRSSBytes int64 `json:"peakRssBytes"`
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("baseline: ")
	address := flag.String("url", "", "https://USER:PASSWORD@HOST:PORT/sdk")
	runs := flag.Int("runs", 1, "how many retrievals")
	flag.Parse()
	at, err := url.Parse(*address)
	if err != nil || at.Host == "" {
		log.Fatalf("-url %q is not an address of a vCenter", *address)
	}
	if err := measure(context.Background(), at, *runs); err != nil {
		log.Fatal(err)
	}
}

func measure(ctx context.Context, at *url.URL, runs int) error {
	client, err := govmomi.NewClient(ctx, at, true)
	if err != nil {
		return err
	}
	defer func() { _ = client.Logout(ctx) }()

	received := new(int64)
	transport := client.Client.Client.Transport.(*http.Transport)
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return meter{conn, received}, err
	}
	// The connection of the login is not metered.
	transport.CloseIdleConnections()

	manager := view.NewManager(client.Client)
	all, err := manager.CreateContainerView(ctx, client.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	if err != nil {
		return err
	}
	defer func() { _ = all.Destroy(ctx) }()

	out := json.NewEncoder(os.Stdout)
	for i := 0; i < runs; i++ {
		var vms []mo.VirtualMachine
		atomic.StoreInt64(received, 0)
		cpu, begun := cpuSeconds(usage()), time.Now()
		if err := all.Retrieve(ctx, []string{"VirtualMachine"}, properties, &vms); err != nil {
			return err
		}
		wall, used := time.Since(begun), usage()
		err := out.Encode(run{
			Set:          "8 properties",
			VMs:          len(vms),
			WallSeconds:  wall.Seconds(),
			CPUSeconds:   cpuSeconds(used) - cpu,
			Bytes:        atomic.LoadInt64(received),
			PeakRSSBytes: used.Maxrss * 1024,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func usage() (used syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return used
}

func cpuSeconds(used syscall.Rusage) float64 {
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

type meter struct {
	net.Conn
	received *int64
}

func (m meter) Read(into []byte) (int, error) {
	n, err := m.Conn.Read(into)
	atomic.AddInt64(m.received, int64(n))
	return n, err
}
