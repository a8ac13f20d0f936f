import { describe, expect, test } from "vitest";
import { alma } from "../../src/distributions/alma.ts";
import { arch } from "../../src/distributions/arch.ts";
import { azure } from "../../src/distributions/azure.ts";
import { centos } from "../../src/distributions/centos.ts";
import { debian } from "../../src/distributions/debian.ts";
import type { Distribution } from "../../src/distributions/distribution.ts";
import { fedora } from "../../src/distributions/fedora.ts";
import { mageia } from "../../src/distributions/mageia.ts";
import { openmandriva } from "../../src/distributions/openmandriva.ts";
import { opensuse } from "../../src/distributions/opensuse.ts";
import { rhel } from "../../src/distributions/rhel.ts";
import { rhelUbi } from "../../src/distributions/rhel-ubi.ts";
import { rocky } from "../../src/distributions/rocky.ts";
import { ubuntu } from "../../src/distributions/ubuntu.ts";
import { nativeArchitecture } from "../../src/facts/architectures.ts";
import { isEnabled } from "../../src/package-managers/rpm/repositories.ts";
import type { Failure } from "../../src/report/failure.ts";
import type { Config } from "../../src/settings/index.ts";
import { makeImage } from "../support/image.ts";

/** `id address` of the repositories that are used, which the original's .repo files have, too. */
function used(distribution: Distribution, overrides: Partial<Config>): string[] {
  const { config } = makeImage({ architecture: "x86-64", mirror: null, ...overrides });
  return distribution
    .repositories(config)
    .filter((repository) => isEnabled(repository, config.repositories))
    .map(({ id, url, list }) => `${id} ${list === undefined ? "" : `${list} `}${url}`);
}

const m = "http://m";
const FEDORA_LISTS = "https://mirrors.fedoraproject.org/metalink";

describe("repositories", () => {
  test.for<[string, Distribution, Partial<Config>, string[]]>([
    [
      "Fedora",
      fedora,
      { release: "43" },
      [
        `fedora metalink ${FEDORA_LISTS}?arch=x86_64&repo=fedora-43`,
        `updates metalink ${FEDORA_LISTS}?arch=x86_64&repo=updates-released-f43`,
      ],
    ],
    [
      "Fedora's mirror, with updates to be tested",
      fedora,
      { release: "43", mirror: m, repositories: ["updates-testing"] },
      [
        `fedora ${m}/linux/releases/43/Everything/x86_64/os`,
        `updates ${m}/linux/updates/43/Everything/x86_64`,
        `updates-testing ${m}/linux/updates/testing/43/Everything/x86_64`,
      ],
    ],
    ["rawhide", fedora, { release: "rawhide" }, [`fedora metalink ${FEDORA_LISTS}?arch=x86_64&repo=fedora-rawhide`]],
    [
      "rawhide's snapshot",
      fedora,
      { release: "rawhide", snapshot: "20250101.n.0" },
      [
        "fedora https://kojipkgs.fedoraproject.org/compose/rawhide/Fedora-Rawhide-20250101.n.0/compose/Everything/x86_64/os",
      ],
    ],
    [
      "ELN",
      fedora,
      { release: "eln", mirror: m },
      ["AppStream", "BaseOS", "Extras", "CRB"].map((name) => `${name.toLowerCase()} ${m}/${name}/x86_64/os`),
    ],
    [
      "CentOS",
      centos,
      { release: "10" },
      ["baseos", "appstream", "crb", "extras"].map(
        (id) =>
          `${id} metalink https://mirrors.centos.org/metalink?arch=x86_64&repo=centos-${id === "extras" ? "extras-sig-extras-common" : id}-10-stream`,
      ),
    ],
    [
      "CentOS's mirror, with EPEL beside it and Hyperscale",
      centos,
      { release: "9", mirror: `${m}/c`, repositories: ["epel", "epel-next", "hyperscale-packages-main"] },
      [
        ...["BaseOS", "AppStream", "CRB"].map((name) => `${name.toLowerCase()} ${m}/c/9-stream/${name}/x86_64/os`),
        `extras ${m}/c/SIGs/9-stream/extras/x86_64/extras-common`,
        `epel ${m}/fedora/epel/9/Everything/x86_64`,
        `epel-next ${m}/fedora/epel/next/9/Everything/x86_64`,
        `hyperscale-packages-main ${m}/c/SIGs/9-stream/hyperscale/x86_64/packages-main`,
      ],
    ],
    [
      "Rocky",
      rocky,
      { release: "10", repositories: ["epel"] },
      [
        ...["BaseOS", "AppStream", "CRB", "extras"].map(
          (id) => `${id} mirrorlist https://mirrors.rockylinux.org/mirrorlist?arch=x86_64&repo=${id}-10`,
        ),
        `epel metalink ${FEDORA_LISTS}?repo=epel-10&arch=x86_64`,
      ],
    ],
    [
      "Alma",
      alma,
      { release: "9" },
      ["BaseOS", "AppStream", "CRB", "extras"].map(
        (id) => `${id} mirrorlist https://mirrors.almalinux.org/mirrorlist/9/${id.toLowerCase()}`,
      ),
    ],
    [
      "RHEL's mirror",
      rhel,
      { release: "10.1", mirror: m },
      ["baseos", "appstream", "codeready-builder"].map(
        (set) => `rhel-10.1-${set}-rpms ${m}/rhel10/10.1/x86_64/${set}/os`,
      ),
    ],
    [
      "UBI",
      rhelUbi,
      { release: "9" },
      ["baseos", "appstream", "codeready-builder"].map(
        (set) => `ubi-9-${set}-rpms https://cdn-ubi.redhat.com/content/public/ubi/dist/ubi9/9/x86_64/${set}/os`,
      ),
    ],
    [
      "Azure",
      azure,
      { release: "3.0" },
      ["base", "extended", "ms-oss", "ms-non-oss", "cloud-native", "nvidia"].map(
        (name) => `${name} https://packages.microsoft.com/azurelinux/3.0/prod/${name}/x86_64`,
      ),
    ],
    [
      "Mageia",
      mageia,
      { release: "cauldron" },
      ["release", "updates"].map(
        (name) =>
          `core-${name} mirrorlist https://www.mageia.org/mirrorlist/?release=cauldron&arch=x86_64&section=core&repo=${name}`,
      ),
    ],
    [
      "OpenMandriva",
      openmandriva,
      { release: "cooker" },
      ["release", "updates"].map(
        (name) => `main-${name} http://mirror.openmandriva.org/cooker/repository/x86_64/main/${name}`,
      ),
    ],
    [
      "Tumbleweed",
      opensuse,
      { release: "tumbleweed" },
      [
        "oss https://download.opensuse.org/tumbleweed/repo/oss",
        "oss-update https://download.opensuse.org/update/tumbleweed",
      ],
    ],
    [
      "Tumbleweed for arm64, with what is not free",
      opensuse,
      { release: "tumbleweed", architecture: "arm64", repositories: ["non-oss"] },
      [
        "oss https://download.opensuse.org/ports/aarch64/tumbleweed/repo/oss",
        "non-oss https://download.opensuse.org/ports/aarch64/tumbleweed/repo/non-oss",
        "oss-update https://download.opensuse.org/ports/aarch64/update/tumbleweed",
      ],
    ],
    [
      "Leap",
      opensuse,
      { release: "15.6", mirror: m },
      [`oss ${m}/distribution/leap/15.6/repo/oss`, `oss-update ${m}/update/leap/15.6/oss`],
    ],
    ["a local mirror", opensuse, { release: "tumbleweed", localMirror: "file:///r" }, ["local-mirror file:///r"]],
  ])("of %s", ([, distribution, overrides, expected]) => {
    expect(used(distribution, overrides)).toEqual(expected);
  });

  test("that need a name can be named by a pattern", () => {
    const debug = used(fedora, { release: "43", mirror: m, repositories: ["*-debuginfo"] });
    expect(debug.map((line) => line.split(" ")[0])).toContain("updates-testing-debuginfo");
  });
});

function attempt(run: () => void): Failure | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Failure;
  }
}

describe("refused", () => {
  const refusal = (distribution: Distribution, overrides: Partial<Config>) => () =>
    distribution.validate(makeImage({ architecture: nativeArchitecture(), ...overrides }));

  test.for<[Distribution, Partial<Config>, RegExp]>([
    [fedora, { release: "fortythree" }, /no release "fortythree"/],
    [fedora, { release: "43", snapshot: "20250101.n.0" }, /no snapshots/],
    [fedora, { release: "43", repositories: ["update-testing"] }, /no repository "update-testing"/],
    [fedora, { release: "43", architecture: "ia64" }, /does not exist for the architecture ia64/],
    [rocky, { release: "ten" }, /no release "ten"/],
    [rhel, { release: "10", mirror: null }, /no subscription/],
    [opensuse, { release: "15.6", snapshot: "20250101" }, /no snapshots/],
    [azure, { release: "3" }, /no release "3"/],
  ])("$1", ([distribution, overrides, message]) => {
    expect(refusal(distribution, overrides)).toThrow(message);
  });

  test.for<[Distribution, Partial<Config>, string]>([
    [fedora, { release: "43", repositories: ["updates-testin"] }, "did you mean updates-testing?"],
    [fedora, { release: "rawhid" }, "did you mean rawhide?"],
    [opensuse, { release: "tumbleweed", repositories: ["non-os"] }, "did you mean non-oss?"],
    [debian, { release: "trixy", mirror: null }, "did you mean trixie?"],
    [debian, { release: "trixie", repositories: ["contirb"], mirror: null }, "did you mean contrib?"],
    [arch, { release: "rolling", repositories: ["multilb"] }, "did you mean multilib?"],
    [arch, { release: "foo" }, "remove Release="],
  ])("with what it may have meant: $1", ([distribution, overrides, remedy]) => {
    const image = makeImage({ architecture: nativeArchitecture(), ...overrides });
    const failure = attempt(() => distribution.validate(image));
    expect(failure?.details.remedy).toContain(remedy);
  });

  test.for<[Distribution, string, string, string]>([
    [debian, "trixie", "20260101", "20260101T000000Z"],
    [ubuntu, "noble", "gestern", "20260101T000000Z"],
    [arch, "rolling", "2026-01-01", "2026/01/01"],
    [fedora, "rawhide", "20260101", "20260101.n.0"],
    [centos, "10", "yesterday", "20260101.0"],
    [opensuse, "tumbleweed", "2026/01/01", "20260101"],
  ])(
    "snapshots of another form, with an example of the right one: $0.name",
    ([distribution, release, wrong, right]) => {
      const image = (snapshot: string) =>
        makeImage({ architecture: nativeArchitecture(), release, snapshot, mirror: null });
      const failure = attempt(() => distribution.validate(image(wrong)));
      expect(failure?.message).toContain(`has no snapshot "${wrong}"`);
      expect(failure?.details.remedy).toContain(`Snapshot= takes one such as ${right} there`);
      expect(() => distribution.validate(image(right))).not.toThrow();
    },
  );

  test("nothing of what there is", () => {
    expect(refusal(fedora, { release: "rawhide", snapshot: "20250101.n.0" })).not.toThrow();
    expect(refusal(centos, { release: "10", repositories: ["epel", "hyperscale-packages-*"] })).not.toThrow();
    expect(refusal(opensuse, { release: "tumbleweed", snapshot: "20250101" })).not.toThrow();
  });
});
