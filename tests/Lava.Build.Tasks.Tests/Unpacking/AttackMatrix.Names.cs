namespace Lava.Build.Tests.Unpacking;

/// <summary>Attacks by what members are called.</summary>
internal static partial class AttackMatrix
{
    private static readonly string LongPart = new('p', 256);
    private static readonly string LongName = string.Join('/', Enumerable.Repeat(new string('n', 200), 21));
    private static readonly string DeepName = string.Join('/', Enumerable.Repeat("d", 101));

    private static IEnumerable<Attack> Names() =>
    [
        .. Places(), .. Letters(), .. Lengths(),
        .. Twice(),
    ];

    private static IEnumerable<Attack> Places() =>
    [
        Named("`..`", "at the start", "LAVA3004", "../escape"),
        Named("`..`", "inside", "LAVA3004", "a/../../escape"),
        Named("`..`", "that stays inside", "LAVA3004", "a/../b"),
        Named("`..`", "at the end", "LAVA3004", "a/../"),
        Named("absolute name", "file", "LAVA3003", "/etc/passwd"),
        Named("absolute name", "directory", "LAVA3003", "/etc/"),
        Named("absolute name", "two slashes", "LAVA3003", "//etc/passwd"),
        new("absolute name", "symlink", Tar("LAVA3003", tar => tar.Link("/link", "a")), Zip("LAVA3003", zip => zip.Member("/link", "a", mode: LinkMode))),
        new("name of nothing", "no name", Tar("LAVA3016", tar => tar.File("")), Zip("LAVA3016", zip => zip.Member(""))),
        new("name of nothing", "root that is a file", Tar("LAVA3016", tar => tar.File(".", "x")), Zip("LAVA3016", zip => zip.Member(".", "x"))),
        new("name of nothing", "root that is a link", Tar("LAVA3016", tar => tar.Link(".", "/")), Zip("LAVA3016", zip => zip.Member(".", "/", mode: LinkMode))),
        new("name of nothing", "link with a slash at the end", Tar("LAVA3016", tar => tar.Link("a/", "/")), Zip("LAVA3016", zip => zip.Member("a/", "/", mode: LinkMode))),
        Named("name of ours", "the tree's manifest", "LAVA3016", "./.lava-manifest"),
        Named("name of ours", "below the tree's manifest", "LAVA3016", ".lava-manifest/x"),
        Named("backslash", "in a name", @"f a\b", @"a\b", "LAVA3012"),
        Named("backslash", "upwards", @"f ..\..\escape", @"..\..\escape", "LAVA3012"),
        Named("drive letter", "with a slash", "d C:; f C:/windows", "C:/windows", "LAVA3012"),
        Named("drive letter", "without", "f c:windows", "c:windows", "LAVA3012"),
        Named("stream", "of NTFS", "f file::$DATA", "file::$DATA"),
    ];

    private static IEnumerable<Attack> Letters() =>
    [
        new("NUL", "in a header's name, which ends there", Tar("f a", tar => tar.File("a\0b")), Zip("LAVA3005", zip => zip.Member("a\0b"))),
        new("NUL", "in a pax name", Tar("LAVA3005", tar => tar.Pax(("path", "a\0b")).File("x")), None("no pax")),
        new("NUL", "in a GNU long name", Tar("LAVA3005", tar => tar.LongName("a\0b").File("x")), None("no GNU")),
        new("NUL", "in a link target", Tar("LAVA3005", tar => tar.Pax(("linkpath", "a\0b")).Link("x", "")), Zip("LAVA3005", zip => zip.Member("x", "a\0b", mode: LinkMode))),
        Named("newline", "in a name", "LAVA3005", "a\nb"),
        new("newline", "in a link target", Tar("LAVA3005", tar => tar.Link("a", "b\nc")), Zip("LAVA3005", zip => zip.Member("a", "b\nc", mode: LinkMode))),
        new("newline", "in a hard link's target", Tar("LAVA3005", tar => tar.HardLink("a", "first\n")), None("no hard links")),
        Named("control", "escape sequence", "LAVA3005", "a\u001b[2Jb"),
        Named("control", "C1", "LAVA3005", "a\u009bb"),
        Named("control", "tab", "LAVA3005", "a\tb"),
        Named("control", "direction mark, no control", "f a\u202eb", "a\u202eb"),
        Raw("non-UTF-8", "byte of no letter", (byte)'a', 0xff, (byte)'b'),
        Raw("non-UTF-8", "overlong slash", (byte)'a', 0xc0, 0xaf, (byte)'b'),
        Raw("non-UTF-8", "surrogate", (byte)'a', 0xed, 0xa0, 0x80),
        Raw("non-UTF-8", "Latin-1", (byte)'a', 0xe9),
        new("non-UTF-8", "in a link target", Tar("LAVA3005", tar => tar.Member('K', "x", [0xff, 0]).Link("x", "")), Zip("LAVA3005", zip => zip.Member("x", mode: LinkMode, rawContent: [(byte)'a', 0xff]))),
        new("Unicode form", "two forms of é are two names", Tar("f e\u0301; f \u00e9", tar => tar.File("e\u0301").File("\u00e9")), Zip("f e\u0301; f \u00e9", zip => zip.Member("e\u0301").Member("\u00e9"))),
        Named("Unicode form", "full-width slash and dots are letters", "f \uff0e\uff0e\uff0fescape", "\uff0e\uff0e\uff0fescape"),
        Named("Unicode form", "byte order mark", "f \ufeffa", "\ufeffa"),
        new("case", "two names that differ by it", Tar("f FIRST", tar => tar.File("FIRST")), Zip("f FIRST", zip => zip.Member("FIRST"))),
        new("case", "through a link that differs by it", Tar("d A; f A/x; l a -> /tmp", tar => tar.Link("a", "/tmp").File("A/x")), Zip("d A; f A/x; l a -> /tmp", zip => zip.Member("a", "/tmp", mode: LinkMode).Member("A/x"))),
    ];

    private static IEnumerable<Attack> Lengths() =>
    [
        Long("part of 256 bytes", LongPart),
        Long("part of 256 bytes in two-byte letters", new string('é', 128)),
        Long("name over 4,096 bytes", LongName),
        Long("over 100 directories", DeepName),
        new("length", "link target of 4,096 bytes", Tar("LAVA3006", tar => tar.LongTarget(new string('t', 4096)).Link("x", "")), Zip("LAVA3006", zip => zip.Member("x", new string('t', 4096), mode: LinkMode))),
        new("length", "link target of 5,000 bytes", Tar("LAVA3006", tar => tar.Pax(("linkpath", new string('t', 5000))).Link("x", "")), Zip("LAVA3006", zip => zip.Member("x", new string('t', 5000), mode: LinkMode))),
        new("length", "extended header of 8 GB", Tar("LAVA3001", tar => tar.Member('x', "a", size: (1L << 33) - 1)), None("no such header")),
    ];

    private static IEnumerable<Attack> Twice() =>
    [
        new("duplicate", "file", Tar("LAVA3010", tar => tar.File("first")), Zip("LAVA3010", zip => zip.Member("first"))),
        new("duplicate", "file, spelt otherwise", Tar("LAVA3010", tar => tar.File(".//first")), Zip("LAVA3010", zip => zip.Member(".//first"))),
        new("duplicate", "directory, which is no harm", Tar("d d", tar => tar.Directory("d").Directory("./d/")), Zip("d d", zip => zip.Member("d/").Member("./d/"))),
        new("duplicate", "link over a directory", Tar("LAVA3010", tar => tar.Directory("d").Link("d", "/")), Zip("LAVA3010", zip => zip.Member("d/").Member("d", "/", mode: LinkMode))),
        new("duplicate", "link over an implied directory", Tar("LAVA3010", tar => tar.File("d/f").Link("d", "/")), Zip("LAVA3010", zip => zip.Member("d/f").Member("d", "/", mode: LinkMode))),
        new("duplicate", "directory over a link", Tar("LAVA3010", tar => tar.Link("d", "/").Directory("d")), Zip("LAVA3010", zip => zip.Member("d", "/", mode: LinkMode).Member("d/"))),
        new("duplicate", "file over a link", Tar("LAVA3010", tar => tar.Link("l", "/etc/passwd").File("l", "x")), Zip("LAVA3010", zip => zip.Member("l", "/etc/passwd", mode: LinkMode).Member("l", "x"))),
        new("duplicate", "hard link over a file", Tar("LAVA3010", tar => tar.File("f").HardLink("f", "first")), None("no hard links")),
    ];

    private static Attack Named(string type, string what, string outcome, string name, string? zipOutcome = null) => new(
        type,
        what,
        Tar(outcome, tar => name.EndsWith('/') ? tar.Directory(name) : tar.File(name)),
        Zip(zipOutcome ?? outcome, zip => zip.Member(name)));

    private static Attack Raw(string type, string what, params byte[] name) => new(
        type, what, Tar("LAVA3005", tar => tar.Member('0', "", rawName: name)), Zip("LAVA3005", zip => zip.Member("", rawName: name)));

    private static Attack Long(string what, string name) => new(
        "length", what, Tar("LAVA3006", tar => tar.Pax(("path", name)).File("x")), Zip("LAVA3006", zip => zip.Member(name)));
}
