using System.Globalization;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>What of a build stands on the disk that gets full.</summary>
public enum DiskTarget
{
    Cache,
    Instance,
    CacheAndInstance,

    /// <summary>What the project remembers in obj.</summary>
    ProjectState,

    /// <summary>Cache and instance, and it is a quota that ends.</summary>
    Quota,
}

/// <summary>Builds with ever more room on one file system, from none to enough, and lets each next build put it right.</summary>
internal sealed class DiskDriver(FireProject fire, MountSpace space, DiskTarget target)
{
    private const string DiskFull = "LAVA9003";
    private const string ReadOnly = "LAVA9005";
    private const string CommandFailed = "LAVA4033";
    private const string Instance = "main";
    private const int LeastPages = 4;
    private int _version;

    /// <summary>How many builds had too little room, by the code they gave, and how many enough.</summary>
    public SortedDictionary<string, int> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>How many builds could not even remove what they had staged, as the disk became read-only meanwhile.</summary>
    public int Midway { get; private set; }

    private string Disk => fire.Project["disk"];

    private string MountPoint => target == DiskTarget.ProjectState ? fire.Project["obj"] : Disk;

    private string Prefix => target is DiskTarget.Instance or DiskTarget.CacheAndInstance or DiskTarget.Quota ? Disk : fire.Project["instances"];

    private string Cache => target is DiskTarget.Cache or DiskTarget.CacheAndInstance or DiskTarget.Quota ? Path.Combine(Disk, "cache") : fire.Cache;

    private string Root => space[Path.Combine(Prefix, Instance)];

    private string[] Arguments =>
    [
        .. FireProject.BuildArguments(Instance),
        $"-p:LavaPrefix={Prefix}",
        $"-p:LavaCacheRoot={Cache}",
        // The cache is on another disk than the instance, and that is meant.
        $"-p:LavaLinkMode={(target is DiskTarget.Cache or DiskTarget.Instance ? "copy" : "hardlink")}",
    ];

    /// <summary>Mounts, and builds once undisturbed.</summary>
    public async Task PrepareAsync(string options)
    {
        await (target == DiskTarget.Quota ? MountSubvolumeAsync() : space.MountAsync(MountPoint, options));
        await BuildNextAsync();
    }

    /// <summary>The same with a disk that can become read-only though files of it are open for writing.</summary>
    public async Task PrepareSubvolumeAsync()
    {
        await MountSubvolumeAsync();
        await BuildNextAsync();
    }

    /// <summary>Lets builds meet disks with room for 0/n, 1/n, … of what a build takes.</summary>
    public Task FillAsync(int points) => target == DiskTarget.Quota ? FillQuotaAsync(points) : FillBytesAsync(points);

    // A Btrfs file system in a file, whose subvolume is the disk.
    private async Task MountSubvolumeAsync()
    {
        (await space.RunAsync(
            "sh", "-ec", "truncate -s 256M image; mkfs.btrfs -q image > /dev/null; mkdir mount; mount -o loop image mount; btrfs quota enable mount; "
            + "btrfs subvolume create mount/disk > /dev/null; mkdir \"$0\"; mount --bind mount/disk \"$0\"", Disk)).Succeeds();
    }

    private async Task FillQuotaAsync(int points)
    {
        long before = await UsedAsync();
        await BuildNextAsync();
        // Metadata that is replaced counts until it is freed, and what may be needed is reserved.
        long need = (await UsedAsync() - before) * 8;
        for (int i = 0; i < points; i++)
        {
            long room = need * i / points;
            await LimitAsync((await UsedAsync() + room).ToString(CultureInfo.InvariantCulture));
            await DisturbedAsync(() => BuildAsync(), $"{room} of {need} bytes of quota", DiskFull, () => { }, () => LimitAsync("none"));
        }
    }

    private async Task FillBytesAsync(int points)
    {
        long before = Free();
        await BuildNextAsync();
        // Some more than what stays: a build also needs room for what it stages, and for what takes the place of something.
        long need = Math.Max((before - Free()) * 3 / 2, LeastPages * Environment.SystemPageSize);
        for (int i = 0; i < points; i++)
        {
            long room = need * i / points / Environment.SystemPageSize * Environment.SystemPageSize;
            string filler = Path.Combine(space[MountPoint], "filler");
            await FillAsync(filler, Free() - room);
            await DisturbedAsync(() => BuildAsync(), $"{room} of {need} bytes", DiskFull, () => File.Delete(filler));
        }
    }

    /// <summary>The same with the number of files that a disk can hold.</summary>
    public async Task FillInodesAsync(int points)
    {
        long before = await FreeInodesAsync();
        await BuildNextAsync();
        long need = (before - await FreeInodesAsync()) * 3 / 2;
        for (int i = 0; i < points; i++)
        {
            long room = need * i / points;
            string fillers = Path.Combine(space[MountPoint], "fillers");
            Directory.CreateDirectory(fillers);
            for (long left = await FreeInodesAsync(); left > room; left--)
            {
                await File.WriteAllBytesAsync(Path.Combine(fillers, left.ToString(CultureInfo.InvariantCulture)), []);
            }

            await DisturbedAsync(() => BuildAsync(), $"{room} of {need} files", DiskFull, () => Directory.Delete(fillers, recursive: true));
        }
    }

    /// <summary>
    /// Mounts the disk read-only at random moments of builds, first of all at their beginning. The kernel refuses while a file is open for
    /// writing, as the lock of what a build works with is: it finds the disk read-only when it comes to it, or has done with it.
    /// </summary>
    public async Task RemountAsync(int points, Random random, TimeSpan duration)
    {
        for (int i = 0; i < points; i++)
        {
            TimeSpan moment = i == 0 ? TimeSpan.Zero : duration * random.NextDouble();
            await DisturbedAsync(
                async () =>
                {
                    Task<CommandResult> build = BuildAsync();
                    Task<CommandResult> freeze = space.RunAsync(
                        "sh", "-c", "sleep $1; until mount -o remount,ro \"$0\" 2> /dev/null; do :; done", MountPoint, Seconds(moment));
                    await Task.WhenAll(build, freeze);
                    return await build;
                },
                $"read-only after {moment}",
                ReadOnly,
                () => { },
                () => space.RunAsync("mount", "-o", "remount,rw", MountPoint));
        }
    }

    /// <summary>Makes the disk read-only in the midst of builds: as soon as something is staged there.</summary>
    public async Task FreezeAsync(int points)
    {
        string code = Path.Combine(Root, "code");
        string[] places = target == DiskTarget.Cache ? [Path.Combine(space[Cache], "trees")] : [Path.Combine(code, ".store"), code];
        for (int i = 0; i < points; i++)
        {
            string place = places[i % places.Length];
            await DisturbedAsync(
                async () =>
                {
                    Task<CommandResult> build = BuildAsync();
                    await Task.Run(() => SpinWait.SpinUntil(() => build.IsCompleted || IsStaging(place)));
                    (await ProtectAsync(true)).Succeeds();
                    await build;
                    Midway += IsStaging(place) ? 1 : 0;
                    return await build;
                },
                $"read-only when something is staged in {place}",
                ReadOnly,
                () => { },
                () => ProtectAsync(false));
        }
    }

    private static bool IsStaging(string directory) => Directory.EnumerateDirectories(directory, ".staging-*").Any();

    private Task<CommandResult> ProtectAsync(bool on) => space.RunAsync("btrfs", "property", "set", fire.Project["mount", "disk"], "ro", on ? "true" : "false");

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private async Task DisturbedAsync(
        Func<Task<CommandResult>> disturbed, string what, string expected, Action free, Func<Task<CommandResult>>? restore = null)
    {
        int before = _version;
        fire.Describe(++_version);
        CommandResult result = await disturbed();
        if (result.ExitCode == 0)
        {
            Count("enough room, or too late");
        }
        else
        {
            CheckFailure(result, what, expected);
        }

        string said = await SayAsync();
        Assert.IsTrue(
            said == $"alpha {_version}" || (result.ExitCode != 0 && said == $"alpha {before}"), $"{what}: {said} instead of {before} or {_version}\n{result}");
        string[] faults = [.. InstanceCheck.ReleaseFaults(Root)];
        Assert.IsEmpty(faults, $"{what}: {string.Join('\n', faults)}\n{result}");
        free();
        if (restore is not null)
        {
            (await restore()).Succeeds();
        }

        (await BuildAsync()).Succeeds().DoesNotSay("warning");
        Assert.AreEqual($"alpha {_version}", await SayAsync(), what);
        faults =
        [
            .. InstanceCheck.ReleaseFaults(Root),
            .. InstanceCheck.Leftovers(Root),
            .. InstanceCheck.Leftovers(space[MountPoint]),
            .. CacheCheck.Faults(space[Cache]),
        ];
        Assert.IsEmpty(faults, $"{what}: {string.Join('\n', faults)}");
    }

    // One line with one code; a command of the project that meets the full disk has its own words for it.
    private void CheckFailure(CommandResult result, string what, string expected)
    {
        Assert.AreEqual(1, result.ExitCode, $"{what}: {result}");
        Assert.HasCount(1, result.Errors, $"{what}: {result}");
        Diagnostic error = result.Errors[0];
        bool commands = error.Code == CommandFailed
            && (error.Text.Contains("No space left", StringComparison.Ordinal) || error.Text.Contains("Read-only", StringComparison.Ordinal));
        Assert.IsTrue(error.Code == expected || commands, $"{what}: {result}");
        result.HasNoStack().DoesNotSay("Traceback");
        Count(error.Code);
    }

    private void Count(string outcome) => Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + 1;

    private async Task BuildNextAsync()
    {
        fire.Describe(++_version);
        (await BuildAsync()).Succeeds();
    }

    private Task<CommandResult> BuildAsync() => space.RunAsync("dotnet", Arguments);

    private async Task<string> SayAsync() => (await space.RunAsync(Path.Combine(Prefix, Instance, "bin", "alpha"))).Output.Trim();

    private long Free() => new DriveInfo(space[MountPoint]).AvailableFreeSpace;

    private async Task<long> FreeInodesAsync() =>
        long.Parse((await space.RunAsync("stat", "-f", "-c", "%d", MountPoint)).Succeeds().Output, CultureInfo.InvariantCulture);

    // By way of the file system's root: the subvolume itself could not write its own limit once that is reached. 256 is the first one.
    private Task<CommandResult> LimitAsync(string bytes) => space.RunAsync("btrfs", "qgroup", "limit", bytes, "0/256", fire.Project["mount"]);

    // What is referenced by the subvolume's group, the first number of the line that begins with 0/.
    private async Task<long> UsedAsync()
    {
        CommandResult shown = (await space.RunAsync("sh", "-c", "btrfs filesystem sync \"$0\" && btrfs qgroup show --raw -f \"$0\"", Disk)).Succeeds();
        string group = shown.Output.Split('\n').Last(line => line.StartsWith("0/", StringComparison.Ordinal));
        return long.Parse(group.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static async Task FillAsync(string filler, long bytes)
    {
        await using FileStream stream = File.Create(filler);
        byte[] block = new byte[1 << 16];
        for (long left = bytes; left > 0; left -= block.Length)
        {
            await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)));
        }
    }
}
