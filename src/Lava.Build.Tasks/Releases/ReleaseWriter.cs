using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>Writes a planned release aside, and lets it appear whole. The instance's lock must be held.</summary>
public sealed class ReleaseWriter(InstanceLayout layout, ProcessRunner processes, HostEnvironment host, IBuildLog log)
{
    private const string StagingPrefix = ".staging-";

    /// <summary>Whether a build was killed while it wrote a release, so that a command of its may have written into the store.</summary>
    public bool WasInterrupted() => Leftovers().Any();

    /// <summary>Makes the release stand in the instance's code directory, if it does not yet, or is damaged.</summary>
    /// <param name="description">What it is.</param>
    /// <param name="contents">What is in it.</param>
    /// <param name="trees">The trees that it shows.</param>
    /// <param name="verify">Whether to notice also what does not belong into one that stands.</param>
    /// <param name="cancellation">Ends the work and leaves everything as it was.</param>
    /// <exception cref="LavaException">A command failed (LAVA4033) or wrote into a tree (LAVA4041); the active release is as it was.</exception>
    public async Task WriteAsync(
        ReleaseDescription description, ReleaseContents contents, IReadOnlyList<ReleaseTree> trees, bool verify, CancellationToken cancellation)
    {
        DeleteLeftovers();
        string release = layout.Release(contents.Name);
        string? difference = null;
        if (FileStatus.Of(release) is not null)
        {
            difference = ReleaseVerifier.FindDifference(release, description, contents, verify, cancellation);
            if (difference is null)
            {
                return;
            }
        }

        // Beside the releases, so that relative links into the store are the same before and after the rename.
        string staging = Path.Combine(layout.Code, StagingPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            FileTree.MakeSharedFresh(staging);
            await using WriteBehind disk = new(staging);
            MakePlanned(contents.Plan, staging);
            MakeGenerated(contents.Generated, staging);
            if (contents.UsesPython)
            {
                await CompileAsync(description.Python!, contents.Generated, staging, cancellation);
            }

            if (description.Parts.Commands.Count > 0)
            {
                await RunCommandsAsync(description, trees, staging, cancellation);
            }

            Record(description, contents, staging, cancellation);
            disk.Sync();
            if (difference is null)
            {
                Posix.Rename(staging, release);
            }
            else
            {
                Replace(release, staging, difference);
            }

            Posix.SyncDirectory(layout.Code);
        }
        finally
        {
            // What was thrown says more than what stays.
            FileTree.DeleteIfAllowed(staging, log);
        }
    }

    private async Task RunCommandsAsync(
        ReleaseDescription description, IReadOnlyList<ReleaseTree> trees, string staging, CancellationToken cancellation)
    {
        try
        {
            await new StagedCommands(layout, processes, host, log).RunAsync(description.Parts.Commands, staging, cancellation);
        }
        catch
        {
            // It may have written into the store before: the next build must see that, with or without the command.
            FindDamage(trees);
            throw;
        }

        LavaException.ThrowIfAny(FindDamage(trees), log);
    }

    private static void MakePlanned(ReleasePlan plan, string staging)
    {
        foreach (PlannedEntry entry in plan.Entries)
        {
            string path = $"{staging}/{entry.Path}";
            if (entry.LinkText is null)
            {
                FileTree.MakeSharedFresh(path);
            }
            else
            {
                Posix.SymbolicLink(entry.LinkText, path);
            }
        }
    }

    private static void MakeGenerated(IReadOnlyList<GeneratedFile> files, string staging)
    {
        foreach (GeneratedFile file in files)
        {
            string path = $"{staging}/{file.Path}";
            FileTree.MakeShared(Path.GetDirectoryName(path)!);
            if (file.LinkText is not null)
            {
                Posix.SymbolicLink(file.LinkText, path);
                continue;
            }

            File.WriteAllText(path, file.Content);
            File.SetUnixFileMode(path, file.Mode);
        }
    }

    // Else the first import by whoever may write there would change an immutable release.
    private async Task CompileAsync(
        PythonInterpreter python, IReadOnlyList<GeneratedFile> files, string staging, CancellationToken cancellation)
    {
        TreeEntry[] modules =
        [
            .. files
                .Where(file => file.LinkText is null && PythonCompiler.IsModule(file.Path))
                .Select(file => new TreeEntry(file.Path, EntryKind.File, Size: file.Content!.Length)),
        ];
        await new PythonCompiler(python, processes, log).CompileAsync([(staging, new TreeManifest(modules))], cancellation);
    }

    // A folded directory leads into the store, so a command can write there without meaning to. Who writes sets a file's time.
    // Whole even where the build is cancelled meanwhile: nobody would look again.
    private Problem[] FindDamage(IReadOnlyList<ReleaseTree> trees)
    {
        Problem?[] problems = new Problem?[trees.Count];
        Workers.For(
            trees.Count,
            i =>
            {
                ReleaseTree tree = trees[i];
                string root = layout.StoreTree(tree.StoreName);
                if (TreeVerifier.FindDifferenceInEntries(root, tree.Manifest, CancellationToken.None) is { } difference)
                {
                    // Without its manifest the next build makes it anew.
                    File.Delete(Path.Combine(root, StoreTree.ManifestName));
                    problems[i] = Problem.Error(Strings.CommandWroteIntoStore, tree.Location, tree.Component, difference);
                }
            },
            CancellationToken.None);
        return [.. problems.OfType<Problem>()];
    }

    private static void Record(
        ReleaseDescription description, ReleaseContents contents, string staging, CancellationToken cancellation)
    {
        ReleaseInventory inventory = ReleaseInventory.Take(staging, cancellation);
        WriteRecord(Path.Combine(staging, ReleaseRecord.ManifestName), ReleaseRecord.ToManifest(description));
        WriteRecord(Path.Combine(staging, ReleaseRecord.FileName), ReleaseRecord.ToJson(description, contents, inventory));
    }

    private static void WriteRecord(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, TreeModes.File);
    }

    // An admin may have put something into what is damaged. If this is killed after the exchange, that has a name which no build deletes.
    private void Replace(string release, string staging, string difference)
    {
        string aside = $"{layout.Code}/.damaged-{Path.GetFileName(release)}-{Guid.NewGuid():N}";
        Posix.Rename(staging, aside);
        FileTree.Put(aside, release);
        log.Warn(Problem.Warning(Strings.DamagedRelease, SourceLocation.None, release, difference, aside));
    }

    private void DeleteLeftovers()
    {
        foreach (string leftover in Leftovers())
        {
            log.Detail($"Removing what an interrupted build left: {leftover}");
            FileTree.DeleteIfAllowed(leftover, log);
        }
    }

    private IEnumerable<string> Leftovers() => Directory.EnumerateDirectories(layout.Code, StagingPrefix + "*");
}
