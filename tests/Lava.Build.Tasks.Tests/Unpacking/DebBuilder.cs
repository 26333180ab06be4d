using System.Text;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Writes Debian packages (deb(5)), which are ar archives, byte by byte, also such as dpkg-deb would not.</summary>
internal sealed class DebBuilder
{
    private readonly List<byte> _bytes = [];

    internal DebBuilder(string magic = "!<arch>\n") => _bytes.AddRange(Encoding.ASCII.GetBytes(magic));

    private static byte[] Control { get; } = new TarBuilder().File("./control", "Package: thing\nVersion: 1\n").Finished();

    internal DebBuilder Member(string name, byte[] content, string? size = null, string magic = "`\n", bool padded = true)
    {
        string length = size ?? content.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _bytes.AddRange(Encoding.ASCII.GetBytes($"{name,-16}{0,-12}{0,-6}{0,-6}{100644,-8}{length,-10}{magic}"));
        _bytes.AddRange(content);
        _bytes.AddRange(new byte[padded ? content.Length & 1 : 0]);
        return this;
    }

    internal DebBuilder Version(string version = "2.0\n") => Member("debian-binary", Encoding.ASCII.GetBytes(version));

    internal DebBuilder ControlTar(string name = "control.tar") => Member(name, Control);

    /// <summary>All three members, in order.</summary>
    internal DebBuilder Whole(string dataName, byte[] data) => Version().ControlTar().Member(dataName, data);

    internal byte[] Finished() => [.. _bytes];
}
