using System.Buffers.Binary;
using System.Text;

namespace Lava.Build.Unpacking;

/// <summary>The extra fields of a ZIP header (APPNOTE.TXT 4.5): an ID, a length and data each. What is cut short ends them.</summary>
internal static class ZipExtra
{
    /// <summary>What did not fit 32 bits (4.5.3).</summary>
    internal const int Wide = 1;

    /// <summary>Info-ZIP's extended timestamp.</summary>
    internal const int Timestamp = 0x5455;

    /// <summary>The name in UTF-8, beside one of another encoding in the header (4.6.9).</summary>
    private const int UnicodePath = 0x7075;

    private const int UnicodePathStart = 5;

    /// <summary>The data of the first field with an ID, or none.</summary>
    internal static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> extra, int id)
    {
        while (TryTake(ref extra, out int found, out ReadOnlySpan<byte> data))
        {
            if (found == id)
            {
                return data;
            }
        }

        return [];
    }

    /// <summary>What in the fields lets two readers see two members; null if there is nothing.</summary>
    /// <param name="extra">The fields.</param>
    /// <param name="name">The name in the same header.</param>
    internal static string? FindAmbiguity(ReadOnlySpan<byte> extra, ReadOnlySpan<byte> name)
    {
        bool wide = false;
        while (TryTake(ref extra, out int id, out ReadOnlySpan<byte> data))
        {
            if (id == Wide && wide)
            {
                return "it has two ZIP64 fields in one header";
            }

            wide |= id == Wide;
            if (id == UnicodePath && Holds(data, name) && !data[UnicodePathStart..].SequenceEqual(name))
            {
                return $"its Unicode name is '{ArchiveFaults.Printable(Encoding.UTF8.GetString(data[UnicodePathStart..]))}'";
            }
        }

        return null;
    }

    /// <summary>Whether a Unicode name is of the one version there is, and of this name: after a renaming, it would be of another.</summary>
    private static bool Holds(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name) =>
        data.Length >= UnicodePathStart && data[0] == 1 && BinaryPrimitives.ReadUInt32LittleEndian(data[1..]) == Crc32.Append(0, name);

    private static bool TryTake(scoped ref ReadOnlySpan<byte> extra, out int id, out ReadOnlySpan<byte> data)
    {
        id = 0;
        data = default;
        if (extra.Length < 4)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
        if (length > extra.Length - 4)
        {
            return false;
        }

        id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
        data = extra.Slice(4, length);
        extra = extra[(4 + length)..];
        return true;
    }
}
