using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Instances;

/// <summary>A file for <c>etc</c>, filled in.</summary>
/// <param name="Path">Relative to the instance.</param>
/// <param name="Content">Its text.</param>
/// <param name="Mode">Its mode where it is new.</param>
public sealed record ConfigurationFile(string Path, string Content, UnixFileMode Mode);

/// <summary>
/// Writes <c>etc</c> without ever overwriting an admin's edit: files that nobody edited follow their template; of an edited
/// one the new text is put beside it, as <c>.new</c>, with a warning. A deletion is an edit.
/// </summary>
public sealed class ConfigurationFiles(InstanceLayout layout, IBuildLog log)
{
    /// <summary>In the record, for a file that did not stand yet when it was to be written.</summary>
    private const string Nothing = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>What is done with one file.</summary>
    internal enum Step
    {
        /// <summary>It is as it should be, or as the admin wants it.</summary>
        Keep,

        /// <summary>It is written.</summary>
        Write,

        /// <summary>It was edited and the template changed: the new text goes beside it.</summary>
        Offer,
    }

    /// <summary>Brings the files up to date. The instance's lock must be held.</summary>
    public async Task WriteAsync(IReadOnlyList<ConfigurationFile> files, CancellationToken cancellation)
    {
        Dictionary<string, string[]> record = ReadRecord();
        (ConfigurationFile File, string Digest, Step Step)[] steps =
        [
            .. files.Select(file => (file, Hashing.OfText(file.Content)))
                .Select(file => (file.file, file.Item2, StepFor(file.file, file.Item2, record.GetValueOrDefault(file.file.Path, []), cancellation))),
        ];
        if (steps.All(step => record.GetValueOrDefault(step.File.Path) is [var recorded] && recorded == step.Digest))
        {
            return;
        }

        // Until all of them are written, each may be as before or as wanted, and neither is an edit.
        if (steps.Any(step => step.Step == Step.Write))
        {
            foreach ((ConfigurationFile file, string digest, _) in steps.Where(step => step.Step == Step.Write))
            {
                record[file.Path] = [.. record.GetValueOrDefault(file.Path, [Nothing]).Append(digest).Distinct()];
            }

            await WriteRecordAsync(record, cancellation);
        }

        foreach ((ConfigurationFile file, string digest, Step step) in steps)
        {
            // An admin may have edited it since.
            Apply(file, step == Step.Write ? StepFor(file, digest, record[file.Path], cancellation) : step, cancellation);
            record[file.Path] = [digest];
        }

        await WriteRecordAsync(record, cancellation);
    }

    /// <summary>Writes only files that never stood there: they change nothing for a release that is active.</summary>
    public Task WriteMissingAsync(IReadOnlyList<ConfigurationFile> files, CancellationToken cancellation)
    {
        Dictionary<string, string[]> record = ReadRecord();
        ConfigurationFile[] missing =
        [
            .. files.Where(file => record.GetValueOrDefault(file.Path, [Nothing]).Contains(Nothing) && !Path.Exists(Path.Combine(layout.Root, file.Path))),
        ];
        return WriteAsync(missing, cancellation);
    }

    /// <summary>Decides what to do from three digests, each null where there is no such text.</summary>
    /// <param name="current">What stands there.</param>
    /// <param name="recorded">What was last written or offered; after an interruption also what was to be.</param>
    /// <param name="wanted">What the template gives now.</param>
    internal static Step Decide(string? current, IReadOnlyList<string> recorded, string wanted)
    {
        if (current == wanted)
        {
            return Step.Keep;
        }

        if (recorded.Count == 0 ? current is null : recorded.Contains(current ?? Nothing))
        {
            return Step.Write;
        }

        return IsOnly(recorded, wanted) ? Step.Keep : Step.Offer;
    }

    private static bool IsOnly(IReadOnlyList<string> recorded, string wanted) => recorded.Count == 1 && recorded[0] == wanted;

    private Step StepFor(ConfigurationFile file, string wanted, string[] recorded, CancellationToken cancellation)
    {
        string path = Path.Combine(layout.Root, file.Path);
        FileStatus? standing = FileStatus.Of(path);
        using SafeFileHandle? open = standing is { Kind: FileKind.File } ? ForeignFile.Open(path) : null;
        if (standing is not null && open is null)
        {
            // Somebody put a link or directory there; that is as good as an edit.
            return IsOnly(recorded, wanted) ? Step.Keep : Step.Offer;
        }

        return Decide(open is null ? null : Hashing.OfFile(open, cancellation), recorded, wanted);
    }

    private void Apply(ConfigurationFile file, Step step, CancellationToken cancellation)
    {
        string path = Path.Combine(layout.Root, file.Path);
        cancellation.ThrowIfCancellationRequested();
        switch (step)
        {
            case Step.Write:
                Write(file, path, FileStatus.Of(path)?.Mode ?? file.Mode);
                log.Detail($"Wrote {path}");
                break;
            case Step.Offer:
                string beside = path + ".new";
                Write(file, beside, file.Mode);
                log.Warn(Problem.Warning(Strings.EditedConfiguration, new SourceLocation(path), file.Path, beside));
                break;
            default:
                break;
        }
    }

    private void Write(ConfigurationFile file, string path, UnixFileMode mode)
    {
        FileStatus? before = FileStatus.Of(path);
        using FileIdentity identity = FileIdentity.At(layout.Root, file.Path);
        FileTree.MakeShared(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, file.Content, mode, before);
    }

    private Dictionary<string, string[]> ReadRecord()
    {
        Dictionary<string, string[]> record = new(StringComparer.Ordinal);
        if (!File.Exists(layout.ConfigurationRecord))
        {
            return record;
        }

        // As sha256sum writes them: digest, two blanks, path.
        foreach (string line in File.ReadLines(layout.ConfigurationRecord).Where(line => line.Length > 66))
        {
            record[line[66..]] = [.. record.GetValueOrDefault(line[66..], []), line[..64]];
        }

        return record;
    }

    private Task WriteRecordAsync(Dictionary<string, string[]> record, CancellationToken cancellation)
    {
        StringBuilder text = new();
        foreach ((string path, string[] digests) in record.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (string digest in digests)
            {
                text.Append(digest).Append("  ").Append(path).Append('\n');
            }
        }

        return AtomicFile.WriteAsync(layout.ConfigurationRecord, text.ToString(), AtomicFile.PublicMode, cancellation);
    }
}
