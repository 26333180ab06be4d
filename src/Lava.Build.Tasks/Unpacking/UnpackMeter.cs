using Lava.Build.Diagnostics;

namespace Lava.Build.Unpacking;

/// <summary>Counts what an archive costs, and ends the unpacking before it costs more than it may.</summary>
internal sealed class UnpackMeter(UnpackLimits limits, long archiveSize, ArchiveFaults faults)
{
    private long _entries;
    private long _bytes;
    private long _overhead;
    private long _text;

    /// <summary>Counts <paramref name="count"/> things to be made.</summary>
    /// <exception cref="LavaException">They are too many (LAVA3017).</exception>
    internal void CountEntries(int count = 1)
    {
        _entries += count;
        if (_entries > limits.Entries)
        {
            throw faults.Refused(Strings.TooManyEntries, limits.Entries).ToException();
        }
    }

    /// <summary>Looks at a claimed size before any of it is read.</summary>
    /// <exception cref="LavaException">It would be too much (LAVA3018).</exception>
    internal void Foresee(long size)
    {
        if (size > limits.Bytes - _bytes)
        {
            throw faults.Refused(Strings.TooManyBytes, limits.Bytes).ToException();
        }
    }

    /// <summary>Counts content that is about to be written.</summary>
    /// <exception cref="LavaException">It is too much (LAVA3018), or too much for so small an archive (LAVA3019).</exception>
    internal void CountContent(long count)
    {
        Foresee(count);
        _bytes += count;
        CheckRatio();
    }

    /// <summary>Counts what is unpacked only to be passed over: headers, padding, skipped members.</summary>
    /// <exception cref="LavaException">It is too much for so small an archive (LAVA3019).</exception>
    internal void CountOverhead(long count)
    {
        _overhead += count;
        CheckRatio();
    }

    /// <summary>Counts an entry's line in the manifest, which is made in memory.</summary>
    /// <exception cref="LavaException">All lines together would be too long (LAVA3022).</exception>
    internal void CountText(TreeEntry entry)
    {
        _text += entry.Path.Length + (entry.LinkTarget?.Length ?? 0) + (entry.Interpreter?.Length ?? 0);
        if (entry.Elf is { } elf)
        {
            _text += (elf.Loader?.Length ?? 0) + (elf.Name?.Length ?? 0) + elf.Needed.Sum(name => (long)name.Length);
        }

        if (_text > UnpackLimits.Text)
        {
            throw faults.Refused(Strings.TooMuchText, UnpackLimits.Text).ToException();
        }
    }

    private void CheckRatio()
    {
        long total = _bytes + _overhead;
        if (total > UnpackLimits.RatioFloor && (total - 1) / Math.Max(archiveSize, 1) >= limits.Ratio)
        {
            throw faults.Refused(Strings.TooHighRatio, limits.Ratio).ToException();
        }
    }
}
