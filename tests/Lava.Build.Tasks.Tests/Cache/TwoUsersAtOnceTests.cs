using System.Diagnostics;
using Lava.Build.Cache;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Cache;

/// <summary>A cache for a group, in which two real users unpack at the same time.</summary>
[TestClass]
public sealed class TwoUsersAtOnceTests
{
    private const int Rounds = 6;

    [TestMethod]
    [DataRow(SharedCache.SetGroup)]
    [DataRow(SharedCache.SetGroupSticky)]
    public async Task What_two_users_unpack_at_once_is_whole_and_nothing_is_left_behind(int mode)
    {
        using SharedCache shared = await SharedCache.MakeAsync(mode);
        CacheLayout layout = shared.Bench.Layout;
        using Process one = shared.Start(SharedCache.First, "077", "unpack-each", layout.Root);
        using Process other = shared.Start(SharedCache.Second, "000", "unpack-each", layout.Root);
        try
        {
            await Task.WhenAll(ReadToAsync(one, HelperProgram.Ready), ReadToAsync(other, HelperProgram.Ready));
            List<TreeRequest> all = [];
            for (int round = 0; round < Rounds; round++)
            {
                TreeRequest[] requests =
                [
                    await shared.Bench.AddAsync("a", $"both={round}", "link->both", "bin/run*=#!/bin/sh\n"),
                    await shared.Bench.AddAsync("a", $"one={round}"),
                    await shared.Bench.AddAsync("a", $"other={round}"),
                ];
                all.AddRange(requests);

                // Every other time they meet as it happens; else both have begun, for certain, before either gets on.
                FileLock? held = round % 2 == 0 ? null
                    : await FileLock.AcquireAsync(Path.Combine(layout.Locks, "unpack"), "testing", _ => { }, CancellationToken.None);
                await Task.WhenAll(
                    one.StandardInput.WriteLineAsync($"{requests[0].Archive} {requests[1].Archive}"),
                    other.StandardInput.WriteLineAsync($"{requests[0].Archive} {requests[2].Archive}"));
                if (held is not null)
                {
                    await Task.WhenAll(ReadToAsync(one, "Waiting for another build"), ReadToAsync(other, "Waiting for another build"));
                    Assert.IsFalse(requests.Any(shared.Bench.Trees().Contains));
                    held.Dispose();
                }

                await Task.WhenAll(ReadToAsync(one, HelperProgram.Ready), ReadToAsync(other, HelperProgram.Ready));
            }

            await Task.WhenAll(EndAsync(one), EndAsync(other));
            await AssertWholeAsync(shared, all);
        }
        finally
        {
            one.Kill();
            other.Kill();
        }
    }

    private static async Task AssertWholeAsync(SharedCache shared, List<TreeRequest> all)
    {
        CacheLayout layout = shared.Bench.Layout;
        TreeCache trees = shared.Bench.Trees();
        foreach (TreeRequest request in all)
        {
            string digest = trees.DigestOf(request);
            Assert.IsNull(TreeInspection.Inspect(
                trees.TreePath(digest), trees.ManifestPath(digest), InspectionDepth.Content, null, CancellationToken.None).Difference);
            Assert.IsTrue(shared.Bench.Archives.Verify(request.Archive, CancellationToken.None));
        }

        // Each has made what only he asked for.
        Assert.AreEqual($"{SharedCache.First}\n", await Run.OutputAsync("stat", ["-c", "%u", trees.TreePath(trees.DigestOf(all[1]))]));
        Assert.AreEqual($"{SharedCache.Second}\n", await Run.OutputAsync("stat", ["-c", "%u", trees.TreePath(trees.DigestOf(all[2]))]));
        CollectionAssert.AreEquivalent(
            all.Select(trees.DigestOf).ToArray(), Directory.GetFileSystemEntries(layout.Trees).Select(Path.GetFileName).ToArray());
        Assert.IsEmpty(Directory.GetFileSystemEntries(layout.Damaged));
        Assert.IsEmpty(Directory.GetFileSystemEntries(layout.Incoming));
    }

    /// <summary>Reads up to a line that begins so; before it there may be no warning.</summary>
    private static async Task ReadToAsync(Process process, string start)
    {
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync()) is not null && !line.StartsWith(start, StringComparison.Ordinal))
        {
            Assert.DoesNotStartWith("LAVA", line);
        }

        Assert.IsNotNull(line, "It has ended.");
    }

    private static async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode);
    }
}
