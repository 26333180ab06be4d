using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Writes ZIP archives byte by byte, also such as no tool would.</summary>
internal sealed class ZipBuilder
{
    private readonly List<byte> _bytes = [];
    private readonly List<byte> _directory = [];
    private int _count;
    private byte[] _trailing = [];
    private ZipEnd64? _end64;
    private uint? _size;

    /// <summary>Where the next member starts.</summary>
    internal int Position => _bytes.Count;

    /// <summary>
    /// Adds a member. With flag 8, its own header gives no sizes unless <paramref name="localSize"/> is given, and a true descriptor
    /// follows unless <paramref name="descriptor"/> makes another of checksum, packed size and size.
    /// </summary>
    internal ZipBuilder Member(
        string name,
        string content = "",
        int mode = 0x81A4,
        int method = 8,
        int flags = 0,
        uint? crc = null,
        int? size = null,
        int? packedSize = null,
        string? localName = null,
        uint? localCrc = null,
        int? localSize = null,
        int? offset = null,
        uint localSignature = 0x04034b50,
        byte[]? rawName = null,
        byte[]? rawContent = null,
        byte[]? rawPacked = null,
        byte[]? extra = null,
        byte[]? localExtra = null,
        byte[]? comment = null,
        int? localFlags = null,
        int? localPackedSize = null,
        Func<uint, long, long, byte[]>? descriptor = null)
    {
        byte[] plain = rawContent ?? Encoding.UTF8.GetBytes(content);
        byte[] packed = rawPacked ?? (method == 8 ? Deflate(plain) : plain);
        byte[] central = rawName ?? Encoding.UTF8.GetBytes(name);
        byte[] local = localName is null ? central : Encoding.UTF8.GetBytes(localName);
        uint sum = crc ?? Crc32.Append(0, plain);
        int start = offset ?? _bytes.Count;
        bool later = ((localFlags ?? flags) & 8) != 0;

        byte[] header = new byte[30];
        U32(header, 0, localSignature);
        U16(header, 4, 20);
        U16(header, 6, localFlags ?? flags);
        U16(header, 8, method);
        U32(header, 14, localCrc ?? (later ? 0 : sum));
        U32(header, 18, (uint)(localPackedSize ?? (later ? 0 : packedSize ?? packed.Length)));
        U32(header, 22, (uint)(localSize ?? (later ? 0 : size ?? plain.Length)));
        U16(header, 26, local.Length);
        U16(header, 28, localExtra?.Length ?? 0);
        _bytes.AddRange([.. header, .. local, .. localExtra ?? [], .. packed]);
        descriptor ??= later ? (crc, packed, size) => ZipFields.Descriptor(crc, packed, size) : null;
        _bytes.AddRange(descriptor?.Invoke(sum, packed.Length, plain.Length) ?? []);

        byte[] record = new byte[46];
        U32(record, 0, 0x02014b50);
        U16(record, 4, 0x0314);
        U16(record, 6, 20);
        U16(record, 8, flags);
        U16(record, 10, method);
        U16(record, 14, (20 << 9) | (1 << 5) | 1);
        U32(record, 16, sum);
        U32(record, 20, (uint)(packedSize ?? packed.Length));
        U32(record, 24, (uint)(size ?? plain.Length));
        U16(record, 28, central.Length);
        U16(record, 30, extra?.Length ?? 0);
        U16(record, 32, comment?.Length ?? 0);
        U32(record, 38, (uint)mode << 16);
        U32(record, 42, (uint)start);
        _directory.AddRange([.. record, .. central, .. extra ?? [], .. comment ?? []]);
        _count++;
        return this;
    }

    internal byte[] Finished(int? count = null)
    {
        byte[] end = new byte[22];
        U32(end, 0, 0x06054b50);
        if (_end64 is not null)
        {
            U16(end, 8, _end64.PlainCount);
            U16(end, 10, _end64.PlainCount);
            end.AsSpan(12, 8).Fill(0xff);
            return [.. _bytes, .. _directory, .. _end64.Bytes(_count, _directory.Count, _bytes.Count), .. end];
        }

        U16(end, 8, count ?? _count);
        U16(end, 10, count ?? _count);
        U32(end, 12, _size ?? (uint)_directory.Count);
        U32(end, 16, (uint)_bytes.Count);
        return [.. _bytes, .. _directory, .. end, .. _trailing];
    }

    /// <summary>Bytes behind the end.</summary>
    internal ZipBuilder Trailing(byte[] bytes)
    {
        _trailing = bytes;
        return this;
    }

    /// <summary>Ends it by ZIP64, and leaves open in the plain end what does not say otherwise.</summary>
    internal ZipBuilder End64(ZipEnd64 end)
    {
        _end64 = end;
        return this;
    }

    /// <summary>The directory's size, as the end gives it.</summary>
    internal ZipBuilder Size(uint size)
    {
        _size = size;
        return this;
    }

    /// <summary>The members, without directory and end.</summary>
    internal byte[] Unfinished() => [.. _bytes];

    /// <summary>Bytes that the directory does not know of.</summary>
    internal ZipBuilder Hidden(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    internal static byte[] Deflate(byte[] plain)
    {
        MemoryStream packed = new();
        using (DeflateStream deflate = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(plain);
        }

        // .NET writes nothing for nothing; the format wants an empty final block.
        return packed.Length == 0 ? [3, 0] : packed.ToArray();
    }

    private static void U16(byte[] bytes, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);

    private static void U32(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
}
