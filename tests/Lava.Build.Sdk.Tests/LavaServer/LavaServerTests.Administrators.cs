namespace Lava.Build.Sdk.Tests;

/// <summary>Administrators of the running server, made by <c>-t:CreateSuperuser</c>.</summary>
public sealed partial class LavaServerTests
{
    [TestMethod]
    public async Task An_administrator_is_made_once_and_by_a_password_that_nobody_else_may_read()
    {
        string file = await Server.WritePasswordAsync("second", "");
        (await Server.TargetAsync("CreateSuperuser", "-p:LavaSuperuser=second", $"-p:LavaSuperuserPasswordFile={file}")).FailsWith("LAVA5084");
        await Server.WritePasswordAsync("second", "of the second");
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherRead);
        (await Server.TargetAsync("CreateSuperuser", "-p:LavaSuperuser=second", $"-p:LavaSuperuserPasswordFile={file}")).FailsWith("LAVA5084");
        await Server.WritePasswordAsync("second", "of the second");
        (await Server.TargetAsync("CreateSuperuser", "-p:LavaSuperuser=a b", $"-p:LavaSuperuserPasswordFile={file}")).FailsWith("LAVA5082");
        (await Server.TargetAsync("CreateSuperuser", "-p:LavaSuperuser=second", $"-p:LavaSuperuserPasswordFile={file}")).Succeeds();
        (await Server.TargetAsync("CreateSuperuser", "-p:LavaSuperuser=second", $"-p:LavaSuperuserPasswordFile={file}")).FailsWith("LAVA5081");
        using LavaClient client = await LavaClient.LogInAsync(Server.Address, "second", "of the second");
    }

    [TestMethod]
    public async Task Without_a_terminal_a_password_is_made_up_and_shown_past_the_loggers()
    {
        const string Before = "The password of 'third' is ";
        string log = Server["third.log"];
        CommandResult result = await Server.OrdinaryAsync(
            "setsid", "--wait", "dotnet", "build", "instance.proj", "-t:CreateSuperuser", "-p:LavaSuperuser=third", "-fl", $"-flp:LogFile={log};Verbosity=diagnostic");
        result.Succeeds().Says(Before);
        string password = result.Output[(result.Output.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..].Split(' ')[0];
        Assert.DoesNotContain(password, await File.ReadAllTextAsync(log));
        using LavaClient client = await LavaClient.LogInAsync(Server.Address, "third", password);
    }

    [TestMethod]
    public async Task At_a_terminal_a_password_is_asked_for_twice_and_never_shown()
    {
        const string Typed = "typed by the fourth";
        CommandResult differ = await AnswerAsync("fourth", Typed, "something else");
        Assert.AreNotEqual(0, differ.ExitCode);
        differ.Says("LAVA5089").DoesNotSay(Typed);
        (await AnswerAsync("fourth", Typed, Typed)).Succeeds().Says("'fourth' can log in now").DoesNotSay(Typed);
        using LavaClient client = await LavaClient.LogInAsync(Server.Address, "fourth", Typed);
    }

    // Runs the target at a terminal of its own, and types an answer whenever a question ends without a line's end.
    private static Task<CommandResult> AnswerAsync(string user, params string[] answers)
    {
        const string Typist = """
            import os, pty, sys
            answers = sys.argv[2:]
            pid, terminal = pty.fork()
            if pid == 0:
                os.execvp("dotnet", ["dotnet", "build", "instance.proj", "-t:CreateSuperuser", "-p:LavaSuperuser=" + sys.argv[1]])
            shown = b""
            while True:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:
                    break
                shown += piece
                if answers and shown.endswith(b": "):
                    os.write(terminal, answers.pop(0).encode() + b"\n")
            sys.stdout.write(shown.decode())
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """;
        return Server.OrdinaryAsync(["/usr/bin/python3", "-c", Typist, user, .. answers]);
    }
}
