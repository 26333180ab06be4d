namespace Lava.Build.Tests.Unpacking;

/// <summary>Attacks by what members claim to be.</summary>
internal static partial class AttackMatrix
{
    private static IEnumerable<Attack> Kinds() =>
    [
        new("device node", "character", Tar("LAVA3007", tar => tar.Member('3', "dev/null")), Zip("LAVA3007", zip => zip.Member("dev/null", mode: 0x21A4))),
        new("device node", "block", Tar("LAVA3007", tar => tar.Member('4', "dev/sda")), Zip("LAVA3007", zip => zip.Member("dev/sda", mode: 0x61A4))),
        new("FIFO", "", Tar("LAVA3007", tar => tar.Member('6', "fifo")), Zip("LAVA3007", zip => zip.Member("fifo", mode: 0x11A4))),
        new("socket", "", None("no such type"), Zip("LAVA3007", zip => zip.Member("socket", mode: 0xC1A4))),
        new("unknown kind", "", Tar("LAVA3008", tar => tar.Member('Z', "what")), Zip("LAVA3008", zip => zip.Member("what", mode: 0xF1A4))),
        new("unknown kind", "that is a control character", Tar("LAVA3008", tar => tar.Member('\u001b', "what")), None("a number")),
        new("unknown kind", "part of another volume", Tar("LAVA3008", tar => tar.Member('M', "volume")), None("see trailing and leading data")),
        new("unknown kind", "directory without a slash", Tar("d d", tar => tar.Directory("d")), Zip("LAVA3008", zip => zip.Member("d", mode: 0x41ED))),
        Mode("setuid", "x f", 0x9ED),
        Mode("setgid", "x f", 0x5ED),
        Mode("sticky", "x f", 0x3ED),
        Mode("world-writable", "x f", 0x1FF),
        Mode("world-writable", "f f", 0x1B6),
        Mode("unreadable", "f f", 0),
        new("setgid", "directory", Tar("d d", tar => tar.Member('5', "d", mode: 0xDFF)), Zip("d d", zip => zip.Member("d/", mode: 0x4DFF))),
        new("sticky", "world-writable directory", Tar("d d", tar => tar.Member('5', "d", mode: 0x3FF)), Zip("d d", zip => zip.Member("d/", mode: 0x43FF))),
        new("setuid", "hard link that claims it", Tar("f h", tar => tar.Member('1', "h", target: "first", mode: 0x9ED)), None(NoHardLinks)),
    ];

    /// <summary>A file with a mode, of which only whether it can be executed remains.</summary>
    private static Attack Mode(string type, string outcome, int mode) => new(
        type,
        $"file of mode {Convert.ToString(mode, 8).PadLeft(4, '0')}",
        Tar(outcome, tar => tar.File("f", "x", mode: mode)),
        Zip(outcome, zip => zip.Member("f", "x", mode: 0x8000 | mode)));
}
