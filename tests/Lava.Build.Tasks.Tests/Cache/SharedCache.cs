using System.Diagnostics;
using Lava.Build.Cache;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Cache;

/// <summary>A cache for a group, with one archive of the first user's.</summary>
internal sealed class SharedCache : IDisposable
{
    public const uint First = 12_001;
    public const uint Second = 12_002;
    public const int SetGroup = 0b010_111_111_000;
    public const int SetGroupSticky = 0b011_111_111_000;
    private const uint Group = 13_000;
    private static readonly string[] Lines = ["usr/bin/run*=#!/bin/sh\n", "usr/share/link->text", "usr/share/text=words"];

    public CacheBench Bench { get; } = new();

    public TreeRequest Request { get; private set; } = null!;

    public static async Task<SharedCache> MakeAsync(int mode)
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Only root can be two users.");
        }

        SharedCache shared = new();
        CacheLayout layout = shared.Bench.Layout;
        shared.Request = await shared.Bench.AddAsync("a", Lines);
        byte[] archive = await File.ReadAllBytesAsync(shared.Bench.Archives.PathOf(shared.Request.Archive));
        File.SetUnixFileMode(shared.Bench.At(), (UnixFileMode)0b111_101_101);

        // As an administrator does it; all below is made by builds.
        FileTree.Delete(layout.Root);
        Directory.CreateDirectory(layout.Root);
        await Run.OutputAsync("chgrp", [$"{Group}", layout.Root]);
        File.SetUnixFileMode(layout.Root, (UnixFileMode)mode);
        layout.Create();
        string place = shared.Bench.Archives.PathOf(shared.Request.Archive);
        await File.WriteAllBytesAsync(place, archive);
        File.SetUnixFileMode(place, TreeModes.File);
        await Run.OutputAsync("chown", [$"{First}:{Group}", place]);
        foreach (uint user in (uint[])[First, Second])
        {
            Directory.CreateDirectory(shared.Bench.At($"{user}"));
            await Run.OutputAsync("chown", [$"{user}:{user}", shared.Bench.At($"{user}")]);
        }

        return shared;
    }

    public string InstanceOf(uint user) => Bench.At($"{user}", "instance");

    public Task<string> RunAsync(uint user, string umask, params string[] arguments)
    {
        (string program, string[] all) = HelperProgram.CommandLine(arguments);
        return AsAsync(user, Exec(umask), [program, .. all]);
    }

    public async Task<string> AsAsync(uint user, string script, params string[] arguments)
    {
        ProcessRequest request = new("setpriv", As(user, script, arguments))
        {
            Environment = new Dictionary<string, string?> { ["HOME"] = Bench.At($"{user}"), ["TMPDIR"] = Bench.At($"{user}") },
        };
        return (await new ProcessRunner(Bench.Host).RunAsync(request, CancellationToken.None)).Output;
    }

    /// <summary>As <see cref="RunAsync"/>, for one who talks to the program.</summary>
    public Process Start(uint user, string umask, params string[] arguments)
    {
        (string program, string[] all) = HelperProgram.CommandLine(arguments);
        ProcessStartInfo start = new("setpriv", As(user, Exec(umask), [program, .. all]))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["HOME"] = start.Environment["TMPDIR"] = Bench.At($"{user}");
        return Process.Start(start)!;
    }

    public void Dispose() => Bench.Dispose();

    private static string Exec(string umask) => $"umask {umask}; exec \"$@\"";

    private static string[] As(uint user, string script, string[] arguments) =>
        [$"--reuid={user}", $"--regid={user}", $"--groups={Group}", "sh", "-c", script, "sh", .. arguments];
}
