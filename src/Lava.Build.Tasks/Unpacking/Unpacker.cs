using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Unpacking;

/// <summary>Turns an archive into a tree.</summary>
public static class Unpacker
{
    /// <summary>No archive takes this long; a decompressor that does hangs.</summary>
    private static readonly TimeSpan ProgramTimeout = TimeSpan.FromHours(1);

    /// <summary>Unpacks an archive into a directory and describes what stands there then.</summary>
    /// <param name="request">What to unpack.</param>
    /// <param name="destination">
    /// A fresh, empty directory that nobody else can write. The caller made it, and syncs and renames it, or deletes it if this fails.
    /// </param>
    /// <param name="processes">Runs <c>dpkg-deb</c>, <c>xz</c>, <c>zstd</c> and <c>bzip2</c> for the formats that need them.</param>
    /// <param name="log">Where the work is told about.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LavaException">
    /// The archive is damaged (LAVA3001, LAVA3002), holds something a tree must not (LAVA3003 to LAVA3016) or goes beyond a limit
    /// (LAVA3017 to LAVA3019); or a program is missing.
    /// </exception>
    /// <exception cref="IOException">The destination cannot be written.</exception>
    public static async Task<TreeManifest> UnpackAsync(
        UnpackRequest request, string destination, ProcessRunner processes, IBuildLog log, CancellationToken cancellation)
    {
        ArchiveFaults faults = new(request);
        UnpackMeter meter = new(request.Limits, new FileInfo(request.ArchivePath).Length, faults);
        try
        {
            TreeManifest manifest = request.Recipe.Format switch
            {
                ArchiveFormat.Zip => WithFile(request, stream => new ZipReader(stream.SafeFileHandle, faults)),
                ArchiveFormat.Tar => WithFile(request, stream => new TarReader(new ForwardInput(stream), meter, faults)),
                ArchiveFormat.TarGzip => WithFile(
                    request, stream => new TarReader(new ForwardInput(new GzipInput(stream)), meter, faults)),
                ArchiveFormat format => await WithProgramAsync(Program(format, request.ArchivePath)),
            };
            log.Detail($"Unpacked {request.Component}: {manifest.Entries.Count} entries");
            return manifest;
        }
        catch (Exception failure) when (failure is InvalidDataException or EndOfStreamException)
        {
            throw faults.Damaged(failure.Message.TrimEnd('.')).ToException(failure);
        }

        TreeManifest WithFile(UnpackRequest request, Func<FileStream, IArchiveReader> open)
        {
            using FileStream stream = new(
                request.ArchivePath, FileMode.Open, FileAccess.Read, FileShare.Read, ForwardInput.BufferSize, FileOptions.SequentialScan);
            using IArchiveReader reader = open(stream);
            return WriteTree(request.Recipe, reader, meter, faults, destination, cancellation);
        }

        async Task<TreeManifest> WithProgramAsync(ProcessRequest program)
        {
            TreeManifest? manifest = null;
            LavaException? early = null;
            ProcessOutcome outcome = await processes.RunAsync(
                program with
                {
                    Timeout = ProgramTimeout,
                    ReadOutput = (output, limit) =>
                    {
                        using ForwardInput input = new(output);
                        try
                        {
                            using TarReader reader = new(input, meter, faults);
                            manifest = WriteTree(request.Recipe, reader, meter, faults, destination, limit);
                        }
                        catch (LavaException failure) when (input.AtEnd)
                        {
                            // The program may be able to say why there is no more.
                            early = failure;
                        }
                    },
                },
                cancellation);
            if (outcome.ExitCode != 0)
            {
                string error = ArchiveFaults.Printable(outcome.Error.Trim().ReplaceLineEndings("; "));
                throw faults.Refused(Strings.ArchiveProgramFailed, program.Program, outcome.ExitCode, error).ToException();
            }

            return early is null ? manifest! : throw early;
        }
    }

    private static ProcessRequest Program(ArchiveFormat format, string archive) => format switch
    {
        ArchiveFormat.Deb => new ProcessRequest("dpkg-deb", ["--fsys-tarfile", archive]),
        // A header may claim a dictionary of 4 GiB.
        ArchiveFormat.TarXz => new ProcessRequest("xz", ["-dc", "--memlimit-decompress=1GiB", "--", archive]),
        ArchiveFormat.TarZstandard => new ProcessRequest("zstd", ["-dc", "--", archive]),
        ArchiveFormat.TarBzip2 => new ProcessRequest("bzip2", ["-dc", "--", archive]),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private static TreeManifest WriteTree(
        TreeRecipe recipe,
        IArchiveReader reader,
        UnpackMeter meter,
        ArchiveFaults faults,
        string destination,
        CancellationToken cancellation)
    {
        MemberPolicy policy = new(recipe, faults);
        Dictionary<string, TreeEntry> entries = new(StringComparer.Ordinal);
        using OpenedDirectory root = OpenedDirectory.Open(destination);
        using TreeWriter writer = new(root);
        foreach (string directory in policy.PrefixDirectories())
        {
            WriteDirectory(directory, 0);
        }

        while (reader.Next(cancellation) is { } claimed)
        {
            cancellation.ThrowIfCancellationRequested();
            long modified = TreeWriter.StorableTime(claimed.ModifiedSeconds);
            ArchiveMember member = modified == claimed.ModifiedSeconds ? claimed : claimed with { ModifiedSeconds = modified };
            meter.CountEntries();
            if (policy.Judge(member, out Placement? placement) is { } problem)
            {
                throw problem.ToException();
            }

            if (placement is null)
            {
                continue;
            }

            meter.CountEntries(placement.NewParents.Count);
            foreach (string parent in placement.NewParents)
            {
                WriteDirectory(parent, 0);
            }

            string path = placement.Path;
            switch (member.Kind)
            {
                case MemberKind.Directory:
                    WriteDirectory(path, member.ModifiedSeconds);
                    break;
                case MemberKind.Link:
                    writer.WriteLink(path, member.Target!, member.ModifiedSeconds);
                    entries[path] = new TreeEntry(path, EntryKind.Link, ModifiedSeconds: member.ModifiedSeconds, LinkTarget: member.Target);
                    break;
                case MemberKind.HardLink:
                    // Each is a copy where the store is on another file system.
                    meter.CountContent(entries[placement.HardLinkTo!].Size);
                    writer.WriteHardLink(placement.HardLinkTo!, path);
                    entries[path] = entries[placement.HardLinkTo!] with { Path = path };
                    break;
                default:
                    meter.Foresee(member.Size);
                    entries[path] = writer.WriteFile(path, member, reader, meter, cancellation);
                    break;
            }

            meter.CountText(entries[path]);
        }

        TreeEntry[] sorted = [.. entries.Values];
        Array.Sort(sorted, (left, right) => string.CompareOrdinal(left.Path, right.Path));

        // Everything that is made in a directory changes its time.
        foreach (TreeEntry entry in sorted.Where(entry => entry.Kind == EntryKind.Directory))
        {
            writer.SetDirectoryTime(entry.Path, entry.ModifiedSeconds);
        }

        return new TreeManifest(sorted);

        void WriteDirectory(string path, long modifiedSeconds)
        {
            if (!entries.ContainsKey(path))
            {
                writer.WriteDirectory(path);
            }

            entries[path] = new TreeEntry(path, EntryKind.Directory, ModifiedSeconds: modifiedSeconds);
        }
    }
}
