namespace Lava.Build.Unpacking;

/// <summary>What a member of an archive claims to be.</summary>
internal enum MemberKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>Another name of an earlier file.</summary>
    HardLink,

    /// <summary>A device node, a FIFO or a socket.</summary>
    Special,

    /// <summary>Anything a tree cannot hold.</summary>
    Unknown,
}

/// <summary>A member as its archive describes it; nothing of it has been judged.</summary>
/// <param name="Name">Its name, valid Unicode, otherwise as it stands in the archive.</param>
/// <param name="Kind">What it claims to be.</param>
/// <param name="Size">The length of its content in bytes, as claimed.</param>
/// <param name="Executable">Whether any execute bit is set.</param>
/// <param name="ModifiedSeconds">Modification time, whole seconds since 1970 UTC, as claimed.</param>
/// <param name="Target">For symbolic and hard links: what they name.</param>
/// <param name="Oddity">For special and unknown members: what they are, in words.</param>
internal sealed record ArchiveMember(
    string Name,
    MemberKind Kind,
    long Size = 0,
    bool Executable = false,
    long ModifiedSeconds = 0,
    string? Target = null,
    string? Oddity = null);

/// <summary>
/// Reads an archive member by member, in the archive's order. Not for use by several threads. It blocks, as reading files does on Linux
/// in any case: awaiting pieces of this size costs a fifth of the processors' time.
/// </summary>
internal interface IArchiveReader : IDisposable
{
    /// <summary>The next member, or null at the end; what is left of the one before is skipped.</summary>
    ArchiveMember? Next(CancellationToken cancellation);

    /// <summary>Fills <paramref name="buffer"/> with content of the current file; fewer bytes only at its end.</summary>
    int Read(Span<byte> buffer, CancellationToken cancellation);
}
