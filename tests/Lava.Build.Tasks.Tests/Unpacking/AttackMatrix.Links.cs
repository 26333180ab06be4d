namespace Lava.Build.Tests.Unpacking;

/// <summary>Attacks by links.</summary>
internal static partial class AttackMatrix
{
    private const string NoHardLinks = "no hard links";

    private static IEnumerable<Attack> Links() =>
    [
        new("symlink", "absolute: kept, and led into the release by the planner", Tar("l l -> /etc/passwd", tar => tar.Link("l", "/etc/passwd")), Zip("l l -> /etc/passwd", zip => zip.Member("l", "/etc/passwd", mode: LinkMode))),
        new("symlink", "upwards: kept likewise", Tar("l l -> ../../../../x", tar => tar.Link("l", "../../../../x")), Zip("l l -> ../../../../x", zip => zip.Member("l", "../../../../x", mode: LinkMode))),
        new("symlink", "to nothing", Tar("LAVA3016", tar => tar.Link("a", "")), Zip("LAVA3016", zip => zip.Member("a", mode: LinkMode))),
        new("symlink", "to itself: kept, and reported by the planner", Tar("l l -> l", tar => tar.Link("l", "l")), Zip("l l -> l", zip => zip.Member("l", "l", mode: LinkMode))),
        new("symlink", "with modes that none has", Tar("l l -> first", tar => tar.Member('2', "l", target: "first", mode: 0xFFF)), Zip("l l -> first", zip => zip.Member("l", "first", mode: 0xAFFF))),
        new("through a symlink", "file", Tar("LAVA3009", tar => tar.Link("etc", "/etc").File("etc/passwd")), Zip("LAVA3009", zip => zip.Member("etc", "/etc", mode: LinkMode).Member("etc/passwd"))),
        new("through a symlink", "deep", Tar("LAVA3009", tar => tar.Link("a", "..").File("a/b/c/d")), Zip("LAVA3009", zip => zip.Member("a", "..", mode: LinkMode).Member("a/b/c/d"))),
        new("through a symlink", "directory", Tar("LAVA3009", tar => tar.Link("a", "/").Directory("a/b")), Zip("LAVA3009", zip => zip.Member("a", "/", mode: LinkMode).Member("a/b/"))),
        new("through a symlink", "symlink", Tar("LAVA3009", tar => tar.Link("a", "/tmp").Link("a/b", "c")), Zip("LAVA3009", zip => zip.Member("a", "/tmp", mode: LinkMode).Member("a/b", "c", mode: LinkMode))),
        new("through a symlink", "hard link", Tar("LAVA3009", tar => tar.Link("a", "/tmp").HardLink("a/b", "first")), None(NoHardLinks)),
        new("through a symlink", "spelt otherwise", Tar("LAVA3009", tar => tar.Link("./a", "/tmp").File(".//a/./b")), Zip("LAVA3009", zip => zip.Member("./a", "/tmp", mode: LinkMode).Member(".//a/./b"))),
        new("through a symlink", "that stays inside", Tar("LAVA3009", tar => tar.Directory("d").Link("a", "d").File("a/b")), Zip("LAVA3009", zip => zip.Member("d/").Member("a", "d", mode: LinkMode).Member("a/b"))),
        new("through a symlink", "below a file", Tar("LAVA3009", tar => tar.File("first/below")), Zip("LAVA3009", zip => zip.Member("first/below"))),
        new("symlink chain", "that leads out, and a file through it", Tar("LAVA3009", tar => tar.Link("a", "b").Link("b", "c").Link("c", "../../../../..").File("a/x")), Zip("LAVA3009", zip => zip.Member("a", "b", mode: LinkMode).Member("b", "c", mode: LinkMode).Member("c", "../..", mode: LinkMode).Member("a/x"))),
        new("symlink chain", "climbing a step with each link", Tar("LAVA3009", tar => tar.Directory("d/e").Link("d/e/up", "..").Link("d/out", "e/up/../..").File("d/out/x")), Zip("LAVA3009", zip => zip.Member("d/e/").Member("d/e/up", "..", mode: LinkMode).Member("d/out", "e/up/../..", mode: LinkMode).Member("d/out/x"))),
        new("symlink chain", "circle: kept", Tar("l a -> b; l b -> a", tar => tar.Link("a", "b").Link("b", "a")), Zip("l a -> b; l b -> a", zip => zip.Member("a", "b", mode: LinkMode).Member("b", "a", mode: LinkMode))),
        new("hard link", "absolute", Tar("LAVA3011", tar => tar.HardLink("a", "/etc/passwd")), None(NoHardLinks)),
        new("hard link", "upwards", Tar("LAVA3011", tar => tar.HardLink("a", "../../../../canary/kept")), None(NoHardLinks)),
        new("hard link", "to a symlink", Tar("LAVA3011", tar => tar.Link("l", "/etc/passwd").HardLink("a", "l")), None(NoHardLinks)),
        new("hard link", "through a symlink", Tar("LAVA3011", tar => tar.Link("l", "/etc").HardLink("a", "l/passwd")), None(NoHardLinks)),
        new("hard link", "to a directory", Tar("LAVA3011", tar => tar.Directory("d").HardLink("a", "d")), None(NoHardLinks)),
        new("hard link", "to a later file", Tar("LAVA3011", tar => tar.HardLink("a", "later").File("later")), None(NoHardLinks)),
        new("hard link", "to itself", Tar("LAVA3011", tar => tar.HardLink("a", "a")), None(NoHardLinks)),
        new("hard link", "to nothing", Tar("LAVA3011", tar => tar.HardLink("a", "")), None(NoHardLinks)),
        new("hard link", "with content", Tar("LAVA3014", tar => tar.Member('1', "a", [1, 2, 3], target: "first")), None(NoHardLinks)),
        new("hard link", "to an earlier file, which is no harm", Tar("f a", tar => tar.HardLink("a", "./first")), None(NoHardLinks)),
    ];
}
