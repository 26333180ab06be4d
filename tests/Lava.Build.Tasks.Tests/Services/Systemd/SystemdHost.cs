using System.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services.Systemd;

/// <summary>
/// A real systemd that knows only the units of a test: process 1 of namespaces of its own, with the host's files but its own /run, units and
/// part of the control groups. All of it ends with this process.
/// </summary>
internal sealed class SystemdHost : IDisposable
{
    // What units of an instance name, and what systemd itself asks for; the host's own services stay where they are.
    private static readonly string[] Targets =
    [
        "sysinit", "basic", "shutdown", "multi-user", "network-online", "nss-user-lookup", "umount", "sockets", "paths", "timers", "slices",
        "local-fs", "local-fs-pre", "swap", "initrd-root-device", "initrd-root-fs", "rescue", "emergency", "remote-fs-pre", "remote-fs",
    ];

    private const string Boot = """
        set -eu
        mount --make-rprivate /
        mount -t tmpfs tmpfs /run
        mkdir -p /run/lock /run/user
        umount -R -l /sys/fs/cgroup
        mkdir -p /sys/fs/cgroup 2> /dev/null || :
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        mount --bind "$1/system" /usr/lib/systemd/system
        mount --bind "$1/admin" /etc/systemd/system
        mount --bind "$1/empty" /usr/lib/systemd/system-generators
        mount --bind "$1/empty" /usr/lib/systemd/system-environment-generators
        export container=lava-build
        exec /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --log-level=info --show-status=0
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly string _group;
    private Process? _unshare;
    private int _first;

    private SystemdHost(string group) => _group = group;

    /// <summary>Where the test's units stand on the host; systemd knows the place as /etc/systemd/system.</summary>
    public string Units => Path.Combine(_directory.Path, "admin");

    /// <summary>What the programs of all units said.</summary>
    public string Journal => File.Exists(JournalFile) ? File.ReadAllText(JournalFile) : "";

    /// <summary>What systemd itself said.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string JournalFile => Path.Combine(_directory.Path, "journal");

    private string LogFile => Path.Combine(_directory.Path, "log");

    /// <summary>Starts one; the test is inconclusive where this machine does not let it run.</summary>
    public static async Task<SystemdHost> StartAsync()
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Only root can start a systemd of its own.");
        }

        string? groups = File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')).FirstOrDefault(mount => mount[2] == "cgroup2")?[1];
        if (groups is null || !File.Exists("/lib/systemd/systemd"))
        {
            Assert.Inconclusive("A systemd of its own needs the package systemd, and control groups of version 2.");
        }

        string group = Path.Combine(groups, $"lava-build-test-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(group);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Assert.Inconclusive($"A systemd of its own needs control groups that can be written: {failure.Message}");
        }

        SystemdHost host = new(group);
        try
        {
            await host.BootAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Runs a program beside systemd.</summary>
    public Task<Ran> RunAsync(string program, params string[] arguments) => Run.ProgramAsync(
        "nsenter", ["--target", $"{_first}", "--mount", "--pid", "--cgroup", "--ipc", "--uts", "--", program, .. arguments], new Dictionary<string, string?> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["HOME"] = "/root" });

    /// <summary>Runs the helper program beside systemd.</summary>
    public Task<Ran> HelpAsync(params string[] arguments)
    {
        (string program, string[] all) = HelperProgram.CommandLine(arguments);
        return RunAsync(program == "dotnet" ? Environment.ProcessPath! : program, all);
    }

    /// <summary>Starts the manager of an unprivileged user, <c>daemon</c>, and says with what programs of that user start.</summary>
    public async Task<string[]> StartUserAsync()
    {
        string home = Path.Combine(_directory.Path, "home");
        Directory.CreateDirectory(home);
        await Run.OutputAsync("chown", ["daemon:daemon", home]);
        await File.WriteAllTextAsync(Path.Combine(Units, "manager.service"), $"""
            [Service]
            Type=notify
            User=daemon
            Delegate=yes
            RuntimeDirectory=user/1
            RuntimeDirectoryMode=0700
            Environment=HOME={home} XDG_RUNTIME_DIR=/run/user/1 SYSTEMD_UNIT_PATH={home}/.config/systemd/user:/usr/lib/systemd/system
            ExecStart=/lib/systemd/systemd --user --unit=multi-user.target

            """);
        await ControlAsync("daemon-reload");
        await ControlAsync("start", "manager.service");
        return ["--reuid=daemon", "--regid=daemon", "--clear-groups", "env", $"HOME={home}", "XDG_RUNTIME_DIR=/run/user/1"];
    }

    /// <summary>Runs systemctl, which must succeed.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        Ran ran = await RunAsync("systemctl", ["--no-pager", .. arguments]);
        Assert.AreEqual(0, ran.ExitCode, $"systemctl {string.Join(' ', arguments)}: {ran.Error}\n{ran.Output}\n{Log}\n{Journal}");
        return ran.Output;
    }

    /// <summary>A property of a unit.</summary>
    public async Task<string> PropertyAsync(string unit, string property) => (await ControlAsync("show", "--value", $"--property={property}", unit)).Trim();

    /// <summary>Waits until something is so.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > Limit)
            {
                Assert.Fail($"{what}\n{Log}\n{Journal}\n{(await RunAsync("systemctl", "--no-pager", "--full", "--all", "status", "lava-*")).Output}");
            }

            await Task.Delay(50);
        }
    }

    public void Dispose()
    {
        if (_unshare is not null)
        {
            // Process 1 goes with it, and all others with that.
            _unshare.Kill();
            _unshare.WaitForExit();
            _unshare.Dispose();
        }

        foreach (string group in Directory.Exists(_group) ? Directory.EnumerateDirectories(_group, "*", SearchOption.AllDirectories).OrderByDescending(path => path.Length).Append(_group) : [])
        {
            // The kernel takes its time until the last process is gone.
            Assert.IsTrue(SpinWait.SpinUntil(() => TryDelete(group), Limit), $"{group} is still in use");
        }

        _directory.Dispose();
    }

    private async Task BootAsync()
    {
        foreach (string name in (string[])["system", "admin", "empty", "admin/service.d"])
        {
            Directory.CreateDirectory(Path.Combine(_directory.Path, name));
        }

        foreach (string target in Targets)
        {
            await File.WriteAllTextAsync(
                Path.Combine(_directory.Path, "system", $"{target}.target"), $"[Unit]\nDescription={target}\nDefaultDependencies=no\n");
        }

        await File.WriteAllTextAsync(
            Path.Combine(Units, "service.d", "output.conf"), $"[Service]\nStandardOutput=append:{JournalFile}\nStandardError=append:{JournalFile}\n");
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_101_101);
        string script = $"echo $$ > '{_group}/cgroup.procs'; exec unshare --pid --fork --kill-child --mount --mount-proc --cgroup --uts --ipc -- /bin/sh -c \"$0\" sh \"$1\" > '{LogFile}' 2>&1";
        _unshare = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, Boot, _directory.Path]))!;
        await UntilAsync(() => Task.FromResult(_unshare.HasExited || FindFirst()), "systemd did not start");
        if (_unshare.HasExited)
        {
            Assert.Inconclusive($"A systemd of its own does not run here: {Log}");
        }

        await UntilAsync(async () => _unshare.HasExited || (await RunAsync("systemctl", "is-active", "multi-user.target")).Output == "active\n", "systemd did not get ready");
        if (_unshare.HasExited)
        {
            Assert.Inconclusive($"A systemd of its own does not run here: {Log}");
        }
    }

    private static bool TryDelete(string group)
    {
        try
        {
            Directory.Delete(group);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool FindFirst()
    {
        string children = File.ReadAllText($"/proc/{_unshare!.Id}/task/{_unshare.Id}/children").Trim();
        return children.Length > 0 && int.TryParse(children.Split(' ')[0], out _first)
            && File.ReadAllText($"/proc/{_first}/comm").Trim() == "systemd";
    }
}
