using System.Text;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Writes tar archives byte by byte, also such as no tool would.</summary>
internal sealed class TarBuilder
{
    internal const int Block = 512;
    private readonly List<byte> _bytes = [];

    internal TarBuilder File(string name, string content = "", int mode = 0b110_100_100, long time = 1000) =>
        Member('0', name, Encoding.UTF8.GetBytes(content), mode: mode, time: time);

    internal TarBuilder Directory(string name, long time = 1000) => Member('5', name, mode: 0b111_101_101, time: time);

    internal TarBuilder Link(string name, string target) => Member('2', name, target: target);

    internal TarBuilder HardLink(string name, string target) => Member('1', name, target: target);

    internal TarBuilder Pax(params (string Key, string Value)[] records) => PaxOf('x', records);

    internal TarBuilder GlobalPax(params (string Key, string Value)[] records) => PaxOf('g', records);

    internal TarBuilder LongName(string name) => Member('L', "././@LongLink", Encoding.UTF8.GetBytes(name + "\0"));

    internal TarBuilder LongTarget(string target) => Member('K', "././@LongLink", Encoding.UTF8.GetBytes(target + "\0"));

    internal TarBuilder Member(
        char type,
        string name,
        byte[]? content = null,
        string target = "",
        int mode = 0b110_100_100,
        long time = 1000,
        long? size = null,
        string prefix = "",
        bool wrongChecksum = false,
        byte[]? rawName = null,
        string magic = "ustar\u000000")
    {
        byte[] header = new byte[Block];
        Put(header, 0, rawName ?? Encoding.UTF8.GetBytes(name));
        Put(header, 100, Octal(mode, 7));
        Put(header, 108, Octal(0, 7));
        Put(header, 116, Octal(0, 7));
        Put(header, 124, Octal(size ?? content?.Length ?? 0, 11));
        Put(header, 136, Octal(time, 11));
        header[156] = (byte)type;
        Put(header, 157, Encoding.UTF8.GetBytes(target));
        Put(header, 257, Encoding.ASCII.GetBytes(magic));
        Put(header, 345, Encoding.UTF8.GetBytes(prefix));
        Array.Fill(header, (byte)' ', 148, 8);
        Put(header, 148, Octal(header.Sum(value => value) + (wrongChecksum ? 1 : 0), 6));
        header[154] = 0;
        return Raw(header).Raw(content ?? []).Raw(new byte[-(content?.Length ?? 0) & (Block - 1)]);
    }

    internal TarBuilder Raw(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>The archive so far, without an end.</summary>
    internal byte[] Unfinished() => [.. _bytes];

    /// <summary>The archive with its end.</summary>
    internal byte[] Finished() => [.. _bytes, .. new byte[2 * Block]];

    private TarBuilder PaxOf(char type, (string Key, string Value)[] records)
    {
        StringBuilder text = new();
        foreach ((string key, string value) in records)
        {
            int rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
            int length = rest + 1;
            while (length != rest + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length)
            {
                length++;
            }

            text.Append(length).Append(' ').Append(key).Append('=').Append(value).Append('\n');
        }

        return Member(type, "PaxHeaders/x", Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static byte[] Octal(long value, int digits) => Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(digits, '0'));

    private static void Put(byte[] header, int at, byte[] value) => value.CopyTo(header, at);
}
