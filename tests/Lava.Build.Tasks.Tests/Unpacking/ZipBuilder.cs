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
        byte[]? rawContent = null)
    {
        byte[] plain = rawContent ?? Encoding.UTF8.GetBytes(content);
        byte[] packed = method == 8 ? Deflate(plain) : plain;
        byte[] central = rawName ?? Encoding.UTF8.GetBytes(name);
        byte[] local = localName is null ? central : Encoding.UTF8.GetBytes(localName);
        uint sum = crc ?? Crc32.Append(0, plain);
        int start = offset ?? _bytes.Count;

        byte[] header = new byte[30];
        U32(header, 0, localSignature);
        U16(header, 4, 20);
        U16(header, 6, flags);
        U16(header, 8, method);
        U32(header, 14, localCrc ?? sum);
        U32(header, 18, (uint)(packedSize ?? packed.Length));
        U32(header, 22, (uint)(localSize ?? size ?? plain.Length));
        U16(header, 26, local.Length);
        _bytes.AddRange([.. header, .. local, .. packed]);

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
        U32(record, 38, (uint)mode << 16);
        U32(record, 42, (uint)start);
        _directory.AddRange([.. record, .. central]);
        _count++;
        return this;
    }

    internal byte[] Finished(int? count = null)
    {
        byte[] end = new byte[22];
        U32(end, 0, 0x06054b50);
        U16(end, 8, count ?? _count);
        U16(end, 10, count ?? _count);
        U32(end, 12, (uint)_directory.Count);
        U32(end, 16, (uint)_bytes.Count);
        return [.. _bytes, .. _directory, .. end, .. _trailing];
    }

    /// <summary>Bytes behind the end.</summary>
    internal ZipBuilder Trailing(byte[] bytes)
    {
        _trailing = bytes;
        return this;
    }

    private static byte[] Deflate(byte[] plain)
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
