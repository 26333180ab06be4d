using System.Text;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>Texts that readers get wrong, as names and link targets above all.</summary>
internal static class HostileTexts
{
    private static readonly string[] Names =
    [
        "", ".", "..", "/", "//", "./", "../", "a", "a/b", "a/../b", "../canary", "../canary/kept", "../canary/new", "/etc/passwd", "canary", "first",
        "first/below", "link", "link/x", "dir", "dir/", "dir/../..", "./././first", "dir//x", "a\\b", "..\\..\\x", "C:\\x", "C:/x", "a\nb",
        "a\tb", "a\0b", "a\u001b[2Jb", "\u0085", "\u00e9", "e\u0301", "\ufeff", "\u202e", "\ud83d\ude00", "A", "FIRST", ".lava-manifest",
        ".lava-manifest/x", "a b", "-rf", "$(touch x)", "%s%n", "'", "\"", "usr/bin/env", "lib/python3.11/site-packages/x.py", "con", "x.",
    ];

    /// <summary>A name, mostly one of those above, sometimes of a great length or depth, sometimes put together.</summary>
    internal static string Name(Random random) => random.Next(20) switch
    {
        0 => new string((char)random.Next('a', 'z'), random.Next(90, 300)),
        1 => string.Join('/', Enumerable.Repeat("d", random.Next(90, 110))),
        2 => new string('n', random.Next(4000, 5000)),
        < 8 => $"{ByteMutations.One(random, Names)}/{ByteMutations.One(random, Names)}",
        _ => ByteMutations.One(random, Names),
    };

    /// <summary>The same as bytes, now and then no UTF-8.</summary>
    internal static byte[] NameBytes(Random random)
    {
        byte[] name = Encoding.UTF8.GetBytes(Name(random));
        if (name.Length > 0 && random.Next(10) == 0)
        {
            name[random.Next(name.Length)] = (byte)random.Next(128, 256);
        }

        return name;
    }
}
