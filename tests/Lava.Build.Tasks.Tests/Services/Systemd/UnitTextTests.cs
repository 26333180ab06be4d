using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lava.Build.Diagnostics;
using Lava.Build.Services.Systemd;

namespace Lava.Build.Tests.Services.Systemd;

[TestClass]
public sealed class UnitTextTests
{
    private const int Cases = 2_000;
    private static readonly Arbitrary<string> Paths = Gen.Elements("/", "a", " ", "%", "%%", "\"", "'", "\\", "\\x41", "$", "${A}", "#", ";", "=", "é", "😀", "@{", "%h")
        .ListOf().Select(parts => "/" + string.Concat(parts)).ToArbitrary();

    [TestMethod]
    public void A_quoted_path_is_read_back_as_it_is() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Paths, path => Read($"\"{UnitText.Quoted(path)}\"") == path));

    [TestMethod]
    public void A_plain_text_is_read_back_as_it_is() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Paths, path => Specifiers(UnitText.Plain(path)) == path));

    [TestMethod]
    [DataRow("/srv/a\nb")]
    [DataRow("/srv/a\tb")]
    [DataRow("/srv/a:b")]
    [DataRow("/srv/\u007f")]
    public void A_path_that_no_unit_can_name_is_refused(string path) =>
        Assert.AreEqual("LAVA5068", Assert.ThrowsExactly<LavaException>(() => UnitText.CheckPath(path)).Problems.Single().Code);

    [TestMethod]
    public void The_place_and_what_lies_outside_fill_a_unit()
    {
        string unit = "A=\"@{InstanceRoot}/run\"\nB=\"@{InstanceRoot}\" @{OutsideDirectories}\nC=\"@{Release}/share\"\n";
        Assert.AreEqual("A=\"/a b%%/run\"\nB=\"/a b%%\"\nC=\"/a b%%/code/current/share\"\n", UnitHoles.Fill(unit, "/a b%", []));
        Assert.AreEqual(
            "A=\"/i/run\"\nB=\"/i\" \"-/home/me\" \"-/tmp/\\\"x\"\nC=\"/i/code/current/share\"\n", UnitHoles.Fill(unit, "/i", ["/home/me", "/tmp/\"x"]));
    }

    // One word between double quotes, as systemd.syntax(7) has it, then its specifiers.
    private static string Read(string word)
    {
        Assert.IsTrue(word.Length >= 2 && word[0] == '"' && word[^1] == '"');
        StringBuilder text = new();
        for (int i = 1; i < word.Length - 1; i++)
        {
            Assert.AreNotEqual('"', word[i], "the word ends too early");
            if (word[i] == '\\')
            {
                i++;
                Assert.IsTrue(i < word.Length - 1 && word[i] is '\\' or '"', "an escape that means something else");
            }

            text.Append(word[i]);
        }

        return Specifiers(text.ToString());
    }

    private static string Specifiers(string text)
    {
        StringBuilder result = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                i++;
                Assert.IsTrue(i < text.Length && text[i] == '%', "a specifier");
            }

            result.Append(text[i]);
        }

        return result.ToString();
    }
}
