using System.Globalization;

namespace Lava.Build.Unpacking;

/// <summary>What of a pax extended header (POSIX.1-2001, "pax Extended Header") matters to a tree.</summary>
internal sealed class PaxRecords
{
    /// <summary>The name, instead of the header's.</summary>
    internal byte[]? Name { get; private set; }

    /// <summary>The link's target, instead of the header's.</summary>
    internal byte[]? Target { get; private set; }

    /// <summary>The size, instead of the header's.</summary>
    internal long? Size { get; private set; }

    /// <summary>The modification time in whole seconds, rounded down, instead of the header's.</summary>
    internal long? ModifiedSeconds { get; private set; }

    /// <summary>Whether the content is GNU's map of a sparse file, and not the file's.</summary>
    internal bool Sparse { get; private set; }

    /// <summary>Reads records of the form <c>LENGTH KEY=VALUE\n</c>; null if they are not.</summary>
    internal static PaxRecords? Parse(ReadOnlySpan<byte> records)
    {
        PaxRecords read = new();
        while (!records.IsEmpty)
        {
            int space = records.IndexOf((byte)' ');
            if (space < 1
                || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length <= space + 1 || length > records.Length || records[length - 1] != '\n')
            {
                return null;
            }

            ReadOnlySpan<byte> record = records[(space + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals < 1 || !read.Take(record[..equals], record[(equals + 1)..]))
            {
                return null;
            }

            records = records[length..];
        }

        return read;
    }

    /// <summary>Takes one record; false if its value is malformed. An empty value means that the header's holds.</summary>
    private bool Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.StartsWith("GNU.sparse."u8))
        {
            Sparse = true;
            return true;
        }

        if (key.SequenceEqual("path"u8))
        {
            Name = value.IsEmpty ? null : value.ToArray();
        }
        else if (key.SequenceEqual("linkpath"u8))
        {
            Target = value.IsEmpty ? null : value.ToArray();
        }
        else if (key.SequenceEqual("size"u8))
        {
            bool valid = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long size);
            Size = size;
            return valid;
        }
        else if (key.SequenceEqual("mtime"u8))
        {
            bool valid = decimal.TryParse(
                value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal time);
            ModifiedSeconds = (long)Math.Clamp(decimal.Floor(time), long.MinValue, long.MaxValue);
            return valid;
        }

        return true;
    }
}
