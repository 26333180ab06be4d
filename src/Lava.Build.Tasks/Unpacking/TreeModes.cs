namespace Lava.Build.Unpacking;

/// <summary>The modes of what stands in a tree. Files cannot be written: the same inode serves many instances.</summary>
public static class TreeModes
{
    /// <summary>r--r--r--</summary>
    public const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>r-xr-xr-x</summary>
    public const UnixFileMode Program = File | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>rwxr-xr-x: a directory that its owner can remove with everything in it.</summary>
    public const UnixFileMode Directory = Platform.FileTree.SharedMode;
}
