namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>What a system call did to the file system.</summary>
internal enum TraceKind
{
    /// <summary>A file may have been made, or emptied.</summary>
    Create,

    /// <summary>A file's content changed.</summary>
    Write,

    /// <summary>The mode or time of a file or directory changed.</summary>
    Status,

    MakeDirectory,
    SymbolicLink,

    /// <summary>A file got another name, <see cref="TraceEvent.Path"/>.</summary>
    HardLink,

    /// <summary>From <see cref="TraceEvent.Path"/> to <see cref="TraceEvent.Other"/>.</summary>
    Rename,

    /// <summary>The two changed places.</summary>
    Exchange,

    Delete,

    /// <summary>A file or directory was synced.</summary>
    Sync,

    /// <summary>The whole file system that <see cref="TraceEvent.Path"/> is on was synced.</summary>
    SyncFileSystem,

    /// <summary>All of them were.</summary>
    SyncAll,
}

/// <summary>A system call that succeeded.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Path">To what; absolute.</param>
/// <param name="Other">The second path, if there is one.</param>
/// <param name="Start">The line of the trace where it was called.</param>
/// <param name="End">The line where it returned; calls of several threads overlap.</param>
internal sealed record TraceEvent(TraceKind Kind, string Path, string? Other, int Start, int End);
