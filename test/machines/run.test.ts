import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runMachine } from "../../src/machines/run.ts";
import { Failure } from "../../src/report/failure.ts";
import { play } from "./play.ts";

const KVM_WORDS = "KVM internal error. Suberror: 1\nRAX=0000000000000000 RBX=000000008000f844\nemulation failure\n";

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw error ?? new Error("it did not fail");
}

describe("a machine that goes well", () => {
  test("shows its console and ends with the guest's status", async () => {
    const { context, shown, specs, helpers } = play({ format: "disk" }, async (qemu) => {
      await qemu.boot();
      qemu.write("Welcome\r\n");
      await qemu.notify("READY=1\n");
      await qemu.notify("EXIT_STATUS=42\n");
      qemu.end(0);
    });
    expect(await runMachine(context)).toBe(42);
    expect(shown()).toContain("Welcome");
    expect([...helpers.keys()].toSorted()).toEqual(["swtpm", "vhost-device-vsock"]);
    const qemu = specs.find(({ argv }) => argv[0] === "/usr/bin/qemu-system-x86_64");
    expect(qemu).toMatchObject({ devices: ["/dev/kvm"], network: true, output: "log", cwd: "/", suppressSync: false });
    expect(qemu?.mounts).toContainEqual({
      type: "bind",
      source: context.files.image,
      target: "/machine/disk",
      readOnly: false,
    });
  });

  test("arguments for QEMU make the host's directories and devices visible", async () => {
    const { context, specs } = play(
      { format: "disk", kvm: "disabled" },
      async (qemu) => {
        await qemu.boot();
        qemu.end(0);
      },
      { args: ["-drive", "file=mine.img"] },
    );
    expect(await runMachine(context)).toBe(0);
    const qemu = specs.find(({ argv }) => argv.includes("file=mine.img"));
    expect(qemu?.cwd).toBe(context.projectDirectory);
    expect(qemu?.devices).toEqual(["/dev"]);
    expect(qemu?.mounts).toContainEqual({ type: "bind", source: "/tmp", target: "/tmp", readOnly: false });
    expect(qemu?.mounts).not.toContainEqual(expect.objectContaining({ target: "/etc" }));
  });

  test("a window gets the caller's display", async () => {
    const { context, specs, shown } = play(
      { format: "disk", kvm: "disabled", console: "gui" },
      async (qemu) => {
        await qemu.boot();
        qemu.end(0);
      },
      { environment: { DISPLAY: ":7", HOME: "/home/me" } },
    );
    expect(await runMachine(context)).toBe(0);
    const qemu = specs.at(-1);
    expect(qemu?.env).toEqual({ DISPLAY: ":7", XAUTHORITY: "/home/me/.Xauthority" });
    expect(qemu?.mounts).toContainEqual({
      type: "bind",
      source: "/tmp/.X11-unix",
      target: "/tmp/.X11-unix",
      readOnly: false,
      optional: true,
    });
    expect(qemu?.argv).toContain("virtio-vga");
    expect(shown()).toBe("");
  });

  test("an overlay of an ephemeral disk is gone while the machine runs, and the image is not writable", async () => {
    const place = mkdtempSync(join(tmpdir(), "overlay-"));
    onTestFinished(() => rmSync(place, { recursive: true }));
    let whileRunning: string[] = ["?"];
    const { context, specs } = play(
      { format: "disk", ephemeral: true, workspaceDirectory: place, runtimeSize: 1 << 20 },
      async (qemu) => {
        expect(readdirSync(place)).toHaveLength(1);
        await qemu.boot();
        for (let wait = 0; readdirSync(place).length > 0 && wait < 100; wait++)
          await new Promise((resolve) => setTimeout(resolve, 10));
        whileRunning = readdirSync(place);
        qemu.end(0);
      },
    );
    expect(await runMachine(context)).toBe(0);
    expect(whileRunning).toEqual([]);
    expect(specs.find(({ argv }) => argv[0] === "qemu-img")?.argv.slice(-2)).toEqual([
      "/machine/overlay/disk.qcow2",
      "1048576",
    ]);
    expect(specs.at(-1)?.mounts).toContainEqual({
      type: "bind",
      source: context.files.image,
      target: "/machine/disk",
      readOnly: true,
    });
    expect(statSync(context.files.image).size).toBe(4096);
  });

  test("without --ephemeral, RuntimeSize= grows the image", async () => {
    const { context } = play({ format: "disk", runtimeSize: 1 << 20 }, async (qemu) => {
      await qemu.boot();
      qemu.end(0);
    });
    await runMachine(context);
    expect(statSync(context.files.image).size).toBe(1 << 20);
  });

  test("a directory is the root by virtiofs, a shared one is mounted by fstab", async () => {
    const { context, command, helpers } = play(
      { format: "directory", runtimeTrees: [{ source: tmpdir(), target: null }] },
      async (qemu) => {
        await qemu.boot();
        qemu.end(0);
      },
    );
    await runMachine(context);
    expect(helpers.has("virtiofsd")).toBe(true);
    expect(command(0)).toContain("tag=root");
    expect(command(0)).toContain("tag=/root/src");
    expect(command(0)).toContain("root=root rootfstype=virtiofs");
  });
});

describe("KVM that does not work", () => {
  test("stops the guest: KVM=auto emulates it, and says so once", async () => {
    const { context, said, command } = play({ format: "disk", kvm: "auto" }, async (qemu) => {
      if (qemu.spec.argv.includes("kvm")) {
        await qemu.boot("internal-error");
        qemu.print(KVM_WORDS);
        qemu.event("STOP");
      } else {
        await qemu.boot();
        await qemu.notify("EXIT_STATUS=3\n");
        qemu.end(0);
      }
    });
    expect(await runMachine(context)).toBe(3);
    expect(said).toEqual([
      "KVM cannot run this machine (KVM internal error. Suberror: 1; emulation failure): starting it again, emulated, which takes minutes instead of seconds",
    ]);
    expect(command(0)).toContain("-accel kvm -cpu host");
    expect(command(1)).toContain("-accel tcg -cpu max");
  });

  test("makes QEMU end at once: the same", async () => {
    const { context, said } = play({ format: "disk", kvm: "auto" }, async (qemu) => {
      if (qemu.spec.argv.includes("kvm"))
        qemu.end(1, "qemu-system-x86_64: -accel kvm: System Management Mode not supported by this hypervisor.\n");
      else {
        await qemu.boot();
        qemu.end(0);
      }
    });
    expect(await runMachine(context)).toBe(0);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("System Management Mode not supported");
  });

  test("with KVM=yes is an error with QEMU's words", async () => {
    const { context } = play({ format: "disk", kvm: "enabled" }, async (qemu) => {
      await qemu.boot("internal-error");
      qemu.print(KVM_WORDS);
      qemu.event("STOP");
    });
    expect((await failure(runMachine(context))).message).toBe(
      "KVM=yes, but KVM cannot run this machine: KVM internal error. Suberror: 1; emulation failure",
    );
  });

  test("after the guest was up is not KVM's failure to start", async () => {
    const { context } = play({ format: "disk", kvm: "auto" }, async (qemu) => {
      await qemu.boot("internal-error");
      await qemu.notify("READY=1\n");
      qemu.print(KVM_WORDS);
      qemu.event("STOP");
    });
    expect((await failure(runMachine(context))).message).toContain("internal error");
  });

  test("is not tried where /dev/kvm cannot be opened", async () => {
    const { context, command, said } = play(
      { format: "disk", kvm: "auto" },
      async (qemu) => {
        await qemu.boot();
        qemu.end(0);
      },
      { kvmUsable: false },
    );
    expect(await runMachine(context)).toBe(0);
    expect(command(0)).toContain("-accel tcg");
    expect(said).toEqual([]);
  });
});

describe("what goes wrong", () => {
  test("QEMU's own words are shown when it refuses an argument, and nothing is started again", async () => {
    const { context, said, specs } = play({ format: "disk", kvm: "auto" }, async (qemu) => {
      qemu.end(1, "qemu-system-x86_64: -device foo: 'foo' is not a valid device model name\n");
    });
    const error = await failure(runMachine(context));
    expect(error.message).toBe("QEMU ended with status 1");
    expect(error.details.excerpt).toContain("'foo' is not a valid device model name");
    expect(said).toEqual([]);
    expect(specs.filter(({ argv }) => argv.includes("-accel"))).toHaveLength(1);
  });

  test.each(["swtpm", "vhost-device-vsock"])("the death of %s ends the machine and is named", async (name) => {
    const play_ = play({ format: "disk" }, async (qemu) => {
      await qemu.boot();
      play_.helpers.get(name)?.end(1, "I am dead\n");
    });
    const error = await failure(runMachine(play_.context));
    expect(error.message).toBe(`${name}, which the machine needs, has ended: the machine was stopped`);
    expect(error.details.excerpt).toBe("I am dead");
  });

  test("a helper that ends together with QEMU is not blamed", async () => {
    const play_ = play({ format: "disk" }, async (qemu) => {
      await qemu.boot();
      play_.helpers.get("swtpm")?.end(0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      qemu.end(0);
    });
    expect(await runMachine(play_.context)).toBe(0);
  });

  test("a full disk is an error, not a machine that stands still", async () => {
    const { context } = play({ format: "disk", kvm: "disabled" }, async (qemu) => {
      await qemu.boot("io-error");
      qemu.event("STOP");
    });
    expect((await failure(runMachine(context))).message).toContain("its disk could not be written");
  });

  test("the user's interruption ends everything with its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const { context } = play(
      { format: "disk" },
      async (qemu) => {
        await qemu.boot();
        controller.abort(reason);
        qemu.end(143);
      },
      { signal: controller.signal },
    );
    await expect(runMachine(context)).rejects.toBe(reason);
  });

  test("a compressed disk is refused by name", async () => {
    const { context } = play({ format: "disk", compressOutput: "zstd" }, async () => {});
    expect((await failure(runMachine(context))).message).toContain("is compressed");
  });

  test.each([
    [{ virtualMachineMonitor: "vmspawn", removable: true }, "systemd-vmspawn has nothing for Removable="],
    [{ bindUser: true }, "QEMU alone cannot honour BindUser=yes"],
  ] as const)("%j is refused by name before anything is run", async (config, words) => {
    const { context, specs } = play({ format: "disk", ...config }, async () => {});
    expect((await failure(runMachine(context))).message).toContain(words);
    expect(specs).toEqual([]);
  });

  test("QEMU is asked for by name where it is missing", async () => {
    const { context } = play({ format: "disk", architecture: "arm64" }, async () => {});
    expect(existsSync(context.files.image)).toBe(true);
    expect((await failure(runMachine(context))).message).toBe("qemu-system-aarch64 is not installed");
  });
});
