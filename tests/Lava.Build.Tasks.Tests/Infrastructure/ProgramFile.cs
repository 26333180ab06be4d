using System.Diagnostics;

namespace Lava.Build.Tests;

/// <summary>Writes files that are executed.</summary>
internal static class ProgramFile
{
    /// <summary>
    /// Writes a program by a process of its own. Written by this one, it could be open for writing in a process that another test
    /// starts at the same moment, and the kernel then refuses to execute it (ETXTBSY).
    /// </summary>
    public static void Write(string path, string text, UnixFileMode mode)
    {
        string draft = path + ".draft";
        File.WriteAllText(draft, text);
        using (Process install = Process.Start("install", ["-m", Convert.ToString((int)mode, 8), "--", draft, path]))
        {
            install.WaitForExit();
            Assert.AreEqual(0, install.ExitCode, path);
        }

        File.Delete(draft);
    }
}
